/** What the page runs in the browser. The token stays in this tab: session storage, never a cookie, never an address. */
export const explorerScript = `(() => {
  "use strict";
  const box = document.getElementById("token");
  const who = document.getElementById("who");
  const stored = "greentick.token";
  const example = [
    "# Paste an access token above, then run this with Ctrl-Enter.",
    "query WhoAmI {",
    "  me { person { name } tenant { id name status } permissions }",
    "}",
    "",
  ].join("\\n");

  box.value = sessionStorage.getItem(stored) || "";
  const show = () => {
    who.textContent = describe(box.value.trim());
  };
  box.addEventListener("input", () => {
    sessionStorage.setItem(stored, box.value.trim());
    show();
  });
  show();

  function describe(token) {
    if (token === "") return "without a token only the schema can be read";
    try {
      const part = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
      const claims = JSON.parse(atob(part));
      const until = new Date(claims.exp * 1000);
      return claims.rol.join(", ") + (until < new Date() ? " (expired)" : " until " + until.toLocaleTimeString());
    } catch {
      return "this does not look like a token";
    }
  }

  async function fetcher(params, options) {
    const token = box.value.trim();
    const headers = { accept: "application/graphql-response+json, application/json", "content-type": "application/json" };
    if (token !== "") headers.authorization = "Bearer " + token;
    const extra = options && options.headers ? options.headers : {};
    const response = await fetch("/graphql", { method: "POST", headers: { ...headers, ...extra }, body: JSON.stringify(params) });
    return response.json();
  }

  const element = React.createElement(GraphiQL, { fetcher, defaultQuery: example, shouldPersistHeaders: false });
  ReactDOM.createRoot(document.getElementById("graphiql")).render(element);
})();
`;

export const explorerStyle = `html, body { height: 100%; margin: 0; }
body { display: flex; flex-direction: column; font: 14px/1.4 system-ui, sans-serif; }
header { display: flex; gap: 1rem; align-items: center; padding: 0.5rem 1rem; background: #0b3d2e; color: #fff; }
header a { color: #fff; font-weight: 600; text-decoration: none; }
header label { display: flex; gap: 0.5rem; align-items: center; flex: 1; }
header input { flex: 1; max-width: 40rem; padding: 0.3rem 0.5rem; border: 0; border-radius: 4px; }
#graphiql { flex: 1; min-height: 0; }
.landing { max-width: 44rem; margin: 3rem auto; padding: 0 1rem; }
.landing dt { font-weight: 600; margin-top: 1rem; }
.landing dd { margin: 0; }
`;
