export interface Page {
  readonly title: string;
  readonly styles: readonly string[];
  readonly scripts: readonly string[];
  /** Trusted HTML: constants of ours. */
  readonly body: string;
}

/** A page without inline script, so that the content security policy can forbid it. */
export const page = ({ title, styles, scripts, body }: Page): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title}</title>
    <link rel="icon" href="data:,">
${styles.map((href) => `    <link rel="stylesheet" href="${href}">`).join("\n")}
  </head>
  <body>${body}
${scripts.map((src) => `    <script src="${src}"></script>`).join("\n")}
  </body>
</html>
`;
