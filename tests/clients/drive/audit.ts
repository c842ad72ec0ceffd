// The audit of graphql-http: does the gateway speak GraphQL over HTTP as specified?
import { serverAudits } from "graphql-http";
import { report, shop } from "./shop";

const audits = serverAudits({
  url: shop.url,
  fetchFn: (url: string, options: RequestInit = {}) =>
    fetch(url, {
      ...options,
      headers: { ...options.headers, authorization: `Bearer ${shop.integrator}` },
    }),
});
const found = [];
for (const audit of audits) {
  const result = await audit.fn();
  const reason = "reason" in result ? result.reason : null;
  found.push({ id: audit.id, name: audit.name, status: result.status, reason });
}
report(found);
