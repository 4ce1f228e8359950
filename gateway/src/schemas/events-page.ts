import { jsonSchemaOf, type PublishedKind } from "@greentick/contracts";

const intro = `# Events that a business can have sent to it

Printed by \`npm run schema\` from the code; changes made here are lost. How to receive and verify them: [webhooks-out.md](webhooks-out.md).
The same list is answered by the query \`eventKinds\`.

Within a version fields are only ever added. An endpoint keeps the \`payloadVersion\` it was made with until somebody changes it.
`;

const fenced = (language: string, value: unknown): string =>
  `\`\`\`${language}\n${JSON.stringify(value, null, 2)}\n\`\`\``;

const row = ({ kind, version, permission, meaning }: PublishedKind): string =>
  `| [\`${kind}\`](#${kind.replaceAll(/[^a-z_]/g, "")}) | ${version} | \`${permission}\` | ${meaning} |`;

const section = (one: PublishedKind): string =>
  [
    `## ${one.kind}`,
    `${one.meaning} Version ${one.version}; needs \`${one.permission}\`.`,
    "An example of `data`:",
    fenced("json", one.example),
    "<details><summary>JSON Schema of the body</summary>",
    fenced("json", jsonSchemaOf(one)),
    "</details>",
  ].join("\n\n");

/** The published catalogue for people, in its committed form. */
export const eventsPage = (kinds: readonly PublishedKind[]): string => {
  const table = ["| kind | version | permission | |", "|---|---|---|---|", ...kinds.map(row)].join("\n");
  return `${[intro.trimEnd(), table, ...kinds.map(section)].join("\n\n")}\n`;
};
