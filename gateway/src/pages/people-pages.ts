import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Router } from "express";
import helmet from "helmet";
import { page } from "../http/page.js";
import { pageDocuments } from "./documents.js";
import { peopleViews } from "./views.js";

/** From `src/pages` and from `dist/pages` alike. */
const folder = join(__dirname, "..", "..", "pages");
const own = ["accept-invitation.js", "reset-password.js", "sign-in.js", "api.js", "view.js", "qr-code.js", "pages.css"];
const qrcodeGenerator = join(dirname(require.resolve("qrcode-generator")), "qrcode.mjs");

/** What the pages load, by name: scripts of ours and one library, all from here. */
const files = (): ReadonlyMap<string, string> =>
  new Map([
    ...own.map((name) => [name, readFileSync(join(folder, name), "utf8")] as const),
    ["qrcode-generator.js", readFileSync(qrcodeGenerator, "utf8")],
    ["documents.js", `export const documents = ${JSON.stringify(pageDocuments, null, 2)};\n`],
  ]);

/**
 * Nothing but files from here: no inline script, no frame around the page, no form that goes anywhere by itself. Where a browser knows Trusted
 * Types, text cannot become HTML either.
 */
const strict = helmet.contentSecurityPolicy({
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    connectSrc: ["'self'"],
    imgSrc: ["data:"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
    requireTrustedTypesFor: ["'script'"],
    trustedTypes: ["'none'"],
  },
});

const body = (views: string): string => `
    <main class="sheet">
      <p class="brand">Greentick</p>
      <div class="card">
      <noscript><p class="problem">This page asks the API through a script. Allow scripts of this address, or use the API itself.</p></noscript>${views}
      <p id="problem" class="problem" role="alert" hidden></p>
      <p id="status" class="status" role="status"></p>
      </div>
    </main>`;

/**
 * `/sign-in`, `/accept-invitation` and `/reset-password`: where the links in our messages lead. The pages hold no secret: what a link brings along
 * stands in its fragment, and everything else is asked of `/graphql` by their scripts.
 */
export function peoplePages(): Router {
  const router = Router();
  const loaded = files();
  for (const [name, { title, views }] of Object.entries(peopleViews)) {
    const html = page({
      title: `${title} – Greentick`,
      styles: ["/pages/pages.css"],
      modules: [`/pages/${name}.js`],
      body: body(views),
    });
    router.get(`/${name}`, strict, (_req, res) => {
      res.setHeader("cache-control", "no-store");
      res.type("html").send(html);
    });
  }
  router.get("/pages/:file", (req, res, next) => {
    const text = loaded.get(req.params.file);
    if (text === undefined) next();
    else res.type(req.params.file.endsWith(".css") ? "text/css" : "text/javascript").send(text);
  });
  return router;
}
