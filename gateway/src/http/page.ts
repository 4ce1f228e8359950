export interface Page {
  readonly title: string;
  readonly styles: readonly string[];
  /** Classic scripts, run in this order. */
  readonly scripts?: readonly string[];
  /** Scripts that import others. */
  readonly modules?: readonly string[];
  /** Trusted HTML: constants of ours. */
  readonly body: string;
}

const classic = (src: string): string => `    <script src="${src}"></script>`;
const esModule = (src: string): string => `    <script type="module" src="${src}"></script>`;

/** A page without inline script, so that the content security policy can forbid it. */
export const page = ({ title, styles, scripts = [], modules = [], body }: Page): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title}</title>
    <link rel="icon" href="data:,">
${styles.map((href) => `    <link rel="stylesheet" href="${href}">`).join("\n")}
  </head>
  <body>${body}
${[...scripts.map(classic), ...modules.map(esModule)].join("\n")}
  </body>
</html>
`;
