// Streams of each kind that go on while the token is revoked. Says when all of them run.
import { createClient } from "graphql-sse";
import { print } from "graphql";
import { createApollo } from "../.page/apollo";
import { failureOf } from "../.page/failures";
import { follow } from "../.page/follow";
import { createSocket } from "../.page/socket";
import { createUrql } from "../.page/urql";
import { BalanceChangedDocument } from "../.page/generated/operations";
import { pipe, subscribe } from "wonka";
import { report, shop, token } from "./shop";

const { url, memberId } = shop;
const variables = { memberId };
let running = 0;
function began(): void {
  running += 1;
  if (running === 4) report("running");
}

async function overSocket(): Promise<unknown> {
  try {
    for await (const _ of follow(createSocket(url, token), memberId)) began();
  } catch (error) {
    if (Array.isArray(error)) return (error as { extensions: { code: string } }[])[0]?.extensions.code;
    return (error as { code: unknown }).code;
  }
  return "ended";
}

function inApollo(): Promise<unknown> {
  return new Promise((done) => {
    createApollo({ url, token })
      .subscribe({ query: BalanceChangedDocument, variables })
      .subscribe({
        next: ({ error }) => (error ? done(failureOf(error).code) : began()),
        error: (error: unknown) => done(failureOf(error).code),
        complete: () => done("ended"),
      });
  });
}

function inUrql(): Promise<unknown> {
  return new Promise((done) => {
    pipe(
      createUrql(url, token).subscription(BalanceChangedDocument, variables),
      subscribe(({ error }) => (error ? done(failureOf(error).code) : began())),
    );
  });
}

async function inSse(): Promise<unknown> {
  const headers = () => ({ authorization: `Bearer ${token()}` });
  const client = createClient({ url, headers, retryAttempts: 0 });
  const query = print(BalanceChangedDocument);
  for await (const { errors } of client.iterate({ query, variables })) {
    if (errors) return errors[0]?.extensions?.code;
    began();
  }
  return "ended";
}

report(await Promise.all([overSocket(), inApollo(), inUrql(), inSse()]));
process.exit(0);
