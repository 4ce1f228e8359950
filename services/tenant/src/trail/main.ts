import { auditVerify } from "./command.js";

void auditVerify(process.argv.slice(2)).then(({ out, exitCode }) => {
  process.stdout.write(`${out}\n`);
  process.exitCode = exitCode;
});
