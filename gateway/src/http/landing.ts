import { Router } from "express";
import { page } from "./page.js";

const html = page({
  title: "Greentick",
  styles: ["/explorer/explorer.css"],
  body: `
    <main class="landing">
      <h1>Greentick</h1>
      <p>The open back end of a WhatsApp Business Solution Provider. One GraphQL endpoint, and what belongs to it:</p>
      <dl>
        <dt><a href="/sign-in">/sign-in</a></dt><dd>Sign in with your e-mail address, and get an access token.</dd>
        <dt><a href="/explorer">/explorer</a></dt><dd>Read the schema and try queries in the browser.</dd>
        <dt>/graphql</dt><dd>The API: POST a query with <code>Authorization: Bearer &lt;access token&gt;</code>.</dd>
        <dt><a href="/healthz">/healthz</a>, <a href="/readyz">/readyz</a></dt><dd>Does the process live, and can it take work?</dd>
        <dt><a href="/metrics">/metrics</a></dt><dd>Counters in Prometheus' text form.</dd>
        <dt><a href="/.well-known/jwks.json">/.well-known/jwks.json</a></dt><dd>Public keys that verify access tokens.</dd>
      </dl>
    </main>`,
});

/** `/`: where everything is. */
export function landingPage(): Router {
  const router = Router();
  router.get("/", (_req, res) => {
    res.type("html").send(html);
  });
  return router;
}
