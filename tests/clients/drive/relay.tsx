// Relay: a list by pages on a page of its own, a mutation, a subscription.
import { place, until } from "./page";

const { createRoot } = await import("react-dom/client");
const { RelayEnvironmentProvider } = await import("react-relay");
const { createRelay } = await import("../.page/relay");
const { redeemInRelay } = await import("../.page/relay-redeem");
const { followInRelay } = await import("../.page/relay-follow");
const { createSocket } = await import("../.page/socket");
const { RewardList } = await import("../.page/RewardList");
const { buy, report, shop, token } = await import("./shop");

const socket = createSocket(shop.url, token);
const environment = createRelay(shop.url, token, socket);
const root = place();
createRoot(root).render(
  <RelayEnvironmentProvider environment={environment}>
    <RewardList />
  </RelayEnvironmentProvider>,
);

const rows = () => [...root.querySelectorAll("li")].map((one) => one.textContent);
const grown = (count: number) => until(() => rows().length === count);

const counts: number[] = [];
await grown(2);
for (let button = root.querySelector("button"); button; button = root.querySelector("button")) {
  counts.push(rows().length);
  button.click();
  await grown(Math.min(counts.at(-1)! + 2, shop.names.length));
}
const redeemed = await redeemInRelay(environment, await quote(), crypto.randomUUID());
const kinds: unknown[] = [];
await new Promise<void>((done, fail) => {
  const { memberId } = shop;
  const { dispose } = followInRelay(environment, { memberId }, onChange, fail);
  function onChange(change: { transaction: { kind: string } | null | undefined }): void {
    kinds.push(change.transaction?.kind ?? null);
    if (kinds.length === 1) void buy(7);
    if (kinds.length === 2) {
      dispose();
      done();
    }
  }
});
await socket.dispose();
const record = environment.getStore().getSource().get(shop.memberId);
const [balance] = (record?.balances as { __refs: string[] }).__refs;
const points = environment.getStore().getSource().get(balance ?? "")?.available;
report({ rows: rows(), counts, redeemed, kinds, points });
process.exit(0);

async function quote(): Promise<string> {
  const response = await fetch(shop.url, {
    method: "POST",
    headers: { authorization: `Bearer ${token()}`, "content-type": "application/json" },
    body: JSON.stringify({
      query: "query ($i: QuoteInput!) { quote(input: $i) { id } }",
      variables: { i: { rewardId: shop.rewards.plant_a_tree } },
    }),
  });
  return ((await response.json()) as { data: { quote: { id: string } } }).data.quote.id;
}
