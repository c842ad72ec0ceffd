// The shop that a program is run against, and its report.
export interface Shop {
  url: string;
  integrator: string;
  kiosk: string;
  member: string;
  memberId: string;
  rewards: Record<string, string>;
  names: string[];
}

export const shop = JSON.parse(process.env.SHOP ?? "{}") as Shop;
export const token = () => shop.member;

export function report(found: unknown): void {
  process.stdout.write(`${JSON.stringify(found)}\n`);
}

/** No member's id; for clients it is the same as another's. */
export const nobody = "mbr_0000000000000001";

/** Long enough for some signs of life on a quiet stream. */
export const quiet = () => new Promise((resume) => setTimeout(resume, 160));

let orders = 0;

/** The member buys something, and earns that many points. */
export async function buy(points: number): Promise<void> {
  orders += 1;
  const id = `${shop.memberId}-${process.pid}-${orders}`;
  const response = await fetch(shop.url, {
    method: "POST",
    headers: {
      authorization: `Bearer ${shop.integrator}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({
      query: `mutation ($i: RecordActivityInput!) {
        recordActivity(input: $i) { points userErrors { code } } }`,
      variables: {
        i: {
          idempotencyKey: `order-${id}`,
          memberId: shop.memberId,
          type: "purchase",
          payload: { order_id: id, amount_minor: points * 100, currency_code: "USD" },
        },
      },
    }),
  });
  const { data } = (await response.json()) as { data: { recordActivity: unknown } };
  const wanted = JSON.stringify({ points, userErrors: [] });
  if (JSON.stringify(data?.recordActivity) !== wanted) throw new Error("no purchase");
}
