import { type Job } from "../asker.js";
import { type Answered, burst, steady } from "../load.js";

/** Asks in a process of its own, so that the asking takes no time of the platform's event loop: one job at a time, told by its parent. */
let over = false;
const until = (): boolean => over;

function run(job: Job): Promise<readonly Answered[]> {
  over = false;
  return job.kind === "steady" ? steady(job.question, job.perSecond, until) : burst(job.questions);
}

process.on("message", (message: Job | "stop") => {
  if (message === "stop") {
    over = true;
    return;
  }
  run(message).then(
    (answers) => process.send?.({ answers }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
