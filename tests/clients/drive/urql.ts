// urql: query, mutation, errors, and subscriptions over a socket and over event streams.
import { pipe, subscribe } from "wonka";
import { createUrql } from "../.page/urql";
import { createSocket } from "../.page/socket";
import { failureOf } from "../.page/failures";
import {
  BalanceChangedDocument,
  MemberCardDocument,
  RedeemDocument,
} from "../.page/generated/operations";
import { buy, nobody, quiet, report, shop, token } from "./shop";

const methods: (string | undefined)[] = [];
const plain = globalThis.fetch;
globalThis.fetch = (where, options) => {
  methods.push(options?.method);
  return plain(where, options);
};

const client = createUrql(shop.url, token);
const before = await client.query(MemberCardDocument, {});
const again = await client.query(MemberCardDocument, {});
const redeemed = await client.mutation(RedeemDocument, {
  input: { rewardId: shop.rewards.plant_a_tree, idempotencyKey: crypto.randomUUID() },
});
const after = await client.query(MemberCardDocument, {});
const used = methods.splice(0);
const poor = await client.mutation(RedeemDocument, {
  input: { rewardId: shop.rewards.yacht, idempotencyKey: crypto.randomUUID() },
});
const bad = await client.query("{ nonsense }", {});
const stranger = await createUrql(shop.url, () => "nobody").query(MemberCardDocument, {});

async function followed(one: typeof client): Promise<unknown[]> {
  const seen: unknown[] = [];
  await new Promise<void>((done, fail) => {
    const { unsubscribe } = pipe(
      one.subscription(BalanceChangedDocument, { memberId: shop.memberId }),
      subscribe(({ data, error }) => {
        if (error) return fail(error);
        seen.push(data?.balanceChanged.transaction?.kind ?? null);
        if (seen.length === 1) void quiet().then(() => buy(7));
        if (seen.length === 2) {
          setImmediate(() => unsubscribe());
          done();
        }
      }),
    );
  });
  return seen;
}

/** Follow a member that is not the caller's, and return what is told. */
async function refusedStream(one: typeof client): Promise<string> {
  const results = one.subscription(BalanceChangedDocument, { memberId: nobody });
  return new Promise((done) => {
    pipe(
      results,
      subscribe(({ error }) => done(error ? failureOf(error).code : "NONE")),
    );
  });
}

const socket = createSocket(shop.url, token);
const wired = createUrql(shop.url, token, socket);
const overSocket = await followed(wired);
const overHttp = await followed(client);
const refused = [await refusedStream(wired), await refusedStream(client)];
await socket.dispose();

const available = (result: typeof before) => result.data?.viewer.member?.balances[0]?.available;
report({
  balances: [available(before), available(again), available(after)],
  used,
  redeemed: redeemed.data?.redeemReward,
  poor: poor.data?.redeemReward.userErrors,
  bad: failureOf(bad.error),
  stranger: failureOf(stranger.error),
  overSocket,
  overHttp,
  refused,
});
process.exit(0);
