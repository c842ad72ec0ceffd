// Apollo Client: cache by possible types, pages, optimistic redeem and rollback, errors, streams.
import { gql, type ApolloClient } from "@apollo/client";
import { createApollo } from "../.page/apollo";
import { allRewards } from "../.page/catalog";
import { ask, redeem } from "../.page/redeem";
import { createSocket } from "../.page/socket";
import type { Failure } from "../.page/failures";
import {
  BalanceChangedDocument,
  MemberCardDocument,
  RewardCardFragmentDoc,
} from "../.page/generated/operations";
import { buy, nobody, quiet, report, shop, token } from "./shop";

const failures: Failure[] = [];
const onFailure = (failure: Failure) => failures.push(failure);
const client = createApollo({ url: shop.url, token, onFailure });
const available = () =>
  client.readQuery({ query: MemberCardDocument }, true)?.viewer.member?.balances[0]?.available;

const names = await allRewards(client, 3);
const card = client.readFragment({
  id: `DiscountReward:${shop.rewards.ten_percent_off}`,
  fragment: RewardCardFragmentDoc,
  fragmentName: "RewardCard",
});

await client.query({ query: MemberCardDocument });
const shown: unknown[] = [];
client.watchQuery({ query: MemberCardDocument }).subscribe(({ data, dataState }) => {
  if (dataState === "complete") shown.push(data.viewer.member?.balances[0]?.available);
});
const quote = await ask(client, shop.rewards.ten_percent_off ?? "");
const redeeming = redeem(client, shop.memberId, quote, crypto.randomUUID());
const atOnce = available();
const redeemed = await redeeming;
const afterwards = available();

// Far too dear: the page hopes, the gateway refuses, the cache puts back what was there.
const dear = await ask(client, shop.rewards.yacht ?? "");
const refusing = redeem(client, shop.memberId, dear, crypto.randomUUID());
const hoped = available();
const refused = await refusing;
const rolledBack = available();

async function failing(run: Promise<unknown>): Promise<void> {
  await run.then(
    () => failures.push({ code: "NONE", message: "", isTemporary: false }),
    () => undefined,
  );
}
await failing(client.query({ query: gql`{ member(id: "nonsense") { id } }` }));
await failing(client.query({ query: gql`{ nonsense }` }));
const stranger = createApollo({ url: shop.url, token: () => "nobody", onFailure });
await failing(stranger.query({ query: MemberCardDocument }));
const lost = createApollo({ url: "http://127.0.0.1:9/graphql", token, onFailure });
await failing(lost.query({ query: MemberCardDocument }));

/** Take two events; the second comes of a purchase and lands in the cache by itself. */
async function followed(one: ApolloClient): Promise<unknown> {
  const kinds: unknown[] = [];
  await new Promise<void>((done, fail) => {
    const stream = one
      .subscribe({ query: BalanceChangedDocument, variables: { memberId: shop.memberId } })
      .subscribe({
        next: ({ data, error }) => {
          if (error) fail(error);
          kinds.push(data?.balanceChanged.transaction?.kind ?? null);
          if (kinds.length === 1) void quiet().then(() => buy(7));
          if (kinds.length === 2) {
            stream.unsubscribe();
            done();
          }
        },
        error: fail,
      });
  });
  const member = one.cache.readFragment<{ balances: { available: number }[] }>({
    id: `Member:${shop.memberId}`,
    fragment: gql`fragment B on Member { balances { available } }`,
  });
  return { kinds, available: member?.balances[0]?.available };
}

/** Follow a member that is not the caller's. */
async function refusedStream(one: ApolloClient): Promise<void> {
  const variables = { memberId: nobody };
  const stream = one.subscribe({ query: BalanceChangedDocument, variables });
  await new Promise<void>((done, fail) =>
    stream.subscribe({
      next: ({ error }) => (error ? done() : fail(new Error("not refused"))),
      error: () => done(),
    }),
  );
}

const socket = createSocket(shop.url, token);
const wired = createApollo({ url: shop.url, token, socket, onFailure });
const overSocket = await followed(wired);
const overHttp = await followed(client);
await refusedStream(wired);
await refusedStream(client);
await socket.dispose();

report({
  names,
  card,
  optimistic: [quote.price, atOnce, afterwards, redeemed.userErrors],
  refusal: [hoped, rolledBack, refused.userErrors.map((one) => one.__typename)],
  shown: shown.slice(0, 4), // the streams add to it
  failures: failures.map(({ code, isTemporary }) => [code, isTemporary]),
  overSocket,
  overHttp,
});
client.stop();
process.exit(0);
