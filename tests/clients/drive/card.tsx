// Apollo's hooks: a card on a page follows the balance.
import { place, until } from "./page";

const { createRoot } = await import("react-dom/client");
const { ApolloProvider } = await import("@apollo/client/react");
const { createApollo } = await import("../.page/apollo");
const { MemberCard } = await import("../.page/MemberCard");
const { buy, report, shop, token } = await import("./shop");

function shown(bearer: () => string): () => string | null {
  const client = createApollo({ url: shop.url, token: bearer });
  const root = place();
  createRoot(root).render(
    <ApolloProvider client={client}>
      <MemberCard />
    </ApolloProvider>,
  );
  return () => root.textContent;
}

const card = shown(token);
const first = await until(() => card() !== "…" && card() !== "" && card());
await buy(7);
const then = await until(() => card() !== first && card());
const stranger = shown(() => "nobody");
const refused = await until(() => stranger() !== "…" && stranger() !== "" && stranger());
report({ first, then, refused });
process.exit(0);
