// A page without a browser.
import { Window } from "happy-dom";

const page = new Window({ url: "http://shop.example/" });
Object.assign(globalThis, { window: page, document: page.document });

/** An empty place on the page. */
export function place(): HTMLElement {
  const root = document.createElement("div");
  document.body.append(root);
  return root;
}

/** Wait until *found* returns something. */
export async function until<T>(found: () => T | false): Promise<T> {
  for (let tries = 0; tries < 500; tries += 1) {
    const value = found();
    if (value !== false) return value;
    await new Promise((resume) => setTimeout(resume, 10));
  }
  throw new Error(document.body.innerHTML);
}
