import { dirname, join } from "node:path";
import { Router } from "express";
import { explorerScript, explorerStyle } from "./explorer-script.js";
import { page } from "./page.js";

/** Scripts and styles of the explorer, all from this machine: it works without a network. */
const beside = (manifest: string, file: string): string => join(dirname(manifest), file);
const react = beside(require.resolve("react/package.json"), "umd/react.production.min.js");
const reactDom = beside(require.resolve("react-dom/package.json"), "umd/react-dom.production.min.js");
const files: Readonly<Record<string, { readonly type: string; readonly path: string }>> = {
  "react.js": { type: "text/javascript", path: react },
  "react-dom.js": { type: "text/javascript", path: reactDom },
  "graphiql.js": { type: "text/javascript", path: require.resolve("graphiql/graphiql.min.js") },
  "graphiql.css": { type: "text/css", path: require.resolve("graphiql/graphiql.min.css") },
};
const texts: Readonly<Record<string, { readonly type: string; readonly text: string }>> = {
  "explorer.js": { type: "text/javascript", text: explorerScript },
  "explorer.css": { type: "text/css", text: explorerStyle },
};

const html = page({
  title: "Greentick explorer",
  styles: ["/explorer/graphiql.css", "/explorer/explorer.css"],
  scripts: ["react.js", "react-dom.js", "graphiql.js", "explorer.js"].map((name) => `/explorer/${name}`),
  body: `
    <header>
      <a href="/">Greentick</a>
      <label>Access token <input id="token" type="password" autocomplete="off" spellcheck="false" placeholder="paste a token from the start-up table"></label>
      <span id="who" role="status"></span>
    </header>
    <main id="graphiql">Loading the explorer…</main>`,
});

/** `/explorer`: GraphiQL with a box for the token, served from installed packages only. */
export function explorerPages(): Router {
  const router = Router();
  router.get("/explorer", (_req, res) => {
    res.type("html").send(html);
  });
  router.get("/explorer/:file", (req, res, next) => {
    const { file } = req.params;
    const packaged = files[file];
    const own = texts[file];
    if (packaged !== undefined) res.type(packaged.type).sendFile(packaged.path, { maxAge: "1d" });
    else if (own !== undefined) res.type(own.type).send(own.text);
    else next();
  });
  return router;
}
