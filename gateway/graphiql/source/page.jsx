// The page: GraphiQL, and a field for the token above it.
//
// The token stays in a variable of this page. Nothing is stored: queries and variables may
// hold data of members, and are gone when the page is.
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createClient } from "graphql-ws";
import React, { useMemo, useState } from "react";
import { createRoot } from "react-dom/client";
import "graphiql/style.css";
import "./page.css";

const HTTP = new URL("/graphql", location.href);
const SOCKET = new URL("/graphql", location.href);
SOCKET.protocol = SOCKET.protocol.replace("http", "ws");

const WELCOME = `# Type a token above, then a query here, and press Ctrl-Enter.

query Program {
  program {
    code
    name
  }
}
`;

/** What GraphiQL would keep in the browser, for as long as the page is open. */
class Forgetful {
  #kept = new Map();
  get length() {
    return this.#kept.size;
  }
  getItem(name) {
    return this.#kept.get(name) ?? null;
  }
  setItem(name, value) {
    this.#kept.set(name, value);
  }
  removeItem(name) {
    this.#kept.delete(name);
  }
  clear() {
    this.#kept.clear();
  }
}

const storage = new Forgetful();

async function withoutToken() {
  return { errors: [{ message: "Type a token above first." }] };
}

function fetcherWith(token) {
  if (!token) return withoutToken;
  const authorization = `Bearer ${token}`;
  return createGraphiQLFetcher({
    url: HTTP.href,
    headers: { authorization },
    wsClient: createClient({
      url: SOCKET.href,
      connectionParams: { authorization },
      lazy: true,
      retryAttempts: 0,
    }),
  });
}

function Page() {
  const [typed, setTyped] = useState("");
  const [token, setToken] = useState("");
  const fetcher = useMemo(() => fetcherWith(token), [token]);
  const use = (event) => {
    event.preventDefault();
    setToken(typed.trim().replace(/^bearer /i, ""));
  };
  return (
    <>
      <form className="token" onSubmit={use}>
        <label htmlFor="token">Token</label>
        <input
          id="token"
          type="password"
          autoComplete="off"
          spellCheck="false"
          placeholder="gdn_…"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <button type="submit">Use</button>
        <output>{token ? "in use, until this page is closed" : "none yet"}</output>
      </form>
      <main>
        <GraphiQL
          key={token}
          fetcher={fetcher}
          storage={storage}
          defaultQuery={WELCOME}
          shouldPersistHeaders={false}
        />
      </main>
    </>
  );
}

createRoot(document.getElementById("page")).render(<Page />);
