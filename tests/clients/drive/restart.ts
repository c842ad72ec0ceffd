// graphql-ws: the server is replaced and killed while a member is followed. Speaks with the test by lines.
import { createSocket } from "../.page/socket";
import { follow } from "../.page/follow";
import { report, shop, token } from "./shop";

const socket = createSocket(shop.url, token);
let count = 0;
for await (const change of follow(socket, shop.memberId)) {
  report({ kind: change.transaction?.kind ?? null, available: change.member.balances[0]?.available });
  count += 1;
  if (count === 4) break;
}
await socket.dispose();
