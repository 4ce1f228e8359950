import { type Random, randomOf } from "../ids.js";
import { type WabaNode } from "../store.js";
import {
  type Plan,
  type PlanInput,
  type PlannedBody,
  type PlannedMessage,
  type PlannedUpdate,
  type Sender,
} from "./planned.js";
import { type Special, isDisordered, stepsOf } from "./steps.js";
import { type Country, type Course, categories, countries, givenNames, packOf, weighted } from "./profile.js";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const dayLength = 24 * hour;
/** Nothing but reads happens in the last half hour of a UTC day, so that a first proof of delivery is always posted on its own day. */
const quietFrom = dayLength - 30 * minute;

/**
 * Draws a month of messages and the webhooks about them. It depends on its input alone: the same input gives the same plan, in every
 * byte and every time. Exactly `bodies` webhooks are planned.
 */
export function drawPlan(input: PlanInput): Plan {
  return new Draw(input).run();
}

class Draw {
  private readonly random: Random;
  private readonly deal: () => Course;
  private readonly messages: PlannedMessage[] = [];
  private readonly bodies: PlannedBody[] = [];
  private readonly choices: readonly (readonly [Country, number])[];
  private late = 0;
  private reordered = 0;

  constructor(private readonly input: PlanInput) {
    const { seed, bodies, from, to, senders } = input;
    this.random = randomOf(
      "traffic",
      seed,
      bodies,
      from.toISOString(),
      to.toISOString(),
      ...senders.map(({ phone }) => phone._id),
    );
    this.deal = packOf(this.random);
    const weights = input.countryWeights;
    this.choices = countries.map(
      (country) => [country, weights === undefined ? country.weight : (weights[country.iso2] ?? 0)] as const,
    );
  }

  run(): Plan {
    while (this.bodies.length < this.input.bodies) {
      const left = this.input.bodies - this.bodies.length;
      this.draw(left < 5 ? "sent_only" : this.deal());
    }
    const order = this.bodies.map((body, place) => ({ body, place }));
    order.sort((one, other) => one.body.postAt - other.body.postAt || one.place - other.place);
    const { messages, late, reordered } = this;
    return { messages, bodies: order.map(({ body }) => body), withheld: this.withhold(), late, reordered };
  }

  private draw(course: Course): void {
    if (course === "bundle" || course === "bundle_of_accounts") this.bundle(course === "bundle_of_accounts");
    else if (course === "late" || course === "late_read") this.lateMessage(course === "late_read");
    else this.single(course, this.moment());
  }

  /** A moment of the period, outside of the quiet half hour. */
  private moment(): number {
    const from = this.input.from.getTime();
    const drawn = from + Math.floor(this.random.next() * (this.input.to.getTime() - from - hour));
    const inDay = drawn % dayLength;
    return inDay < quietFrom ? drawn : Math.max(from, drawn - hour);
  }

  private single(course: Exclude<Course, Special>, start: number): void {
    const seconds = (low: number, high: number): number => this.random.between(low, high) * second;
    const delivered = start + seconds(1, 40);
    const times = { start, delivered, soon: delivered + seconds(5, 240), later: delivered + seconds(5, 6 * 3600) };
    const priceOnSent = this.random.chance(0.15);
    const steps = stepsOf[course];
    const proof = steps.find(([status]) => status === "delivered") ?? steps.find(([status]) => status === "read");
    const message = this.message(proof === undefined ? undefined : times[proof[1]]);
    const updates = steps.map(([status, when, price]): PlannedUpdate => {
      const priced = price === "yes" || (price === "maybe" && priceOnSent);
      return { message, status, at: times[when], priced };
    });
    const disordered = isDisordered(steps);
    if (disordered) this.reordered++;
    this.post(updates, disordered ? times.soon : start);
    if (course === "same_body_twice" || course === "same_status_twice") this.repeat(course);
  }

  private post(updates: readonly PlannedUpdate[], start: number): void {
    let last = start;
    for (const update of updates) {
      last = Math.max(last + 1, update.at + this.random.between(200, 3_000));
      this.bodies.push({ postAt: last, updates: [update] });
    }
  }

  /** One of the last three updates comes twice: its body byte for byte, or its status in another body. */
  private repeat(course: "same_body_twice" | "same_status_twice"): void {
    const original = this.random.pick(this.bodies.slice(-3));
    const postAt = original.postAt + this.random.between(1_000, 7_200_000);
    const repeats = course === "same_body_twice" ? ("again" as const) : ("reworded" as const);
    this.bodies.push({ postAt, updates: original.updates, repeats });
  }

  /** A delivery whose webhook comes more than two days later: most within the period, some up to two days after it, a few later still. */
  private lateMessage(read: boolean): void {
    const { from, to } = this.input;
    if (to.getTime() - from.getTime() < 8 * dayLength) {
      this.single("unread", this.moment());
      return;
    }
    const turn = this.late++ % 12;
    const { delivered, posted } = this.lateTimes(turn === 1 || turn === 5 || turn === 9, turn === 2);
    const message = this.message(delivered);
    const push = (postAt: number, update: Omit<PlannedUpdate, "message">): void => {
      this.bodies.push({ postAt, updates: [{ message, ...update }] });
    };
    push(delivered, { status: "sent", at: delivered - 5 * second, priced: false });
    push(posted, { status: "delivered", at: delivered, priced: true });
    if (read) push(posted + minute, { status: "read", at: delivered + hour, priced: false });
  }

  private lateTimes(inGrace: boolean, afterClose: boolean): { delivered: number; posted: number } {
    const [from, to] = [this.input.from.getTime(), this.input.to.getTime()];
    if (afterClose) {
      const posted = to + this.random.between(60, 110) * hour;
      return { posted, delivered: to - this.random.between(60, 47 * 60) * minute };
    }
    if (inGrace) {
      const posted = to + this.random.between(60, 46 * 60) * minute;
      return { posted, delivered: posted - this.random.between(49 * 60, 70 * 60) * minute };
    }
    const posted = to - this.random.between(30, (to - from) / minute - 52 * 60) * minute;
    const room = Math.min(8 * dayLength, posted - from - hour);
    return { posted, delivered: posted - 49 * hour - Math.floor(this.random.next() * (room - 49 * hour)) };
  }

  /** Several messages of the same minute whose updates travel together, sometimes from two accounts. */
  private bundle(ofAccounts: boolean): void {
    const start = this.moment();
    const size = this.random.between(2, 5);
    const lead = this.random.pick(this.input.senders);
    const others = this.input.senders.filter(({ waba }) => waba._id !== lead.waba._id);
    const updates = Array.from({ length: size }, (_one, place): PlannedUpdate => {
      const sender = ofAccounts && place > 0 && others.length > 0 ? this.random.pick(others) : lead;
      const at = start + this.random.between(5, 30) * second;
      return { message: this.message(at, sender), status: "delivered", at, priced: true };
    });
    const sent = updates.map(({ message }): PlannedUpdate => ({ message, status: "sent", at: start, priced: false }));
    this.bodies.push({ postAt: start + second, updates: sent }, { postAt: start + minute, updates });
  }

  /** Draws a message: who to, what kind, from where. */
  private message(deliveredAt: number | undefined, from?: Sender): PlannedMessage {
    const sender = from ?? this.random.pick(this.input.senders);
    const { iso2, prefix } = weighted(this.random, this.choices);
    const drawn = weighted(this.random, categories);
    const number = prefix + String(this.random.between(0, 9_999)).padStart(4, "0");
    const hidden = this.random.chance(0.03);
    const message: PlannedMessage = {
      place: this.messages.length,
      sender,
      ...(hidden ? {} : { digits: number }),
      iso2,
      userId: `${iso2}.${String(this.random.between(1_000_000, 9_999_999))}${number}`,
      name: this.random.pick(givenNames),
      category: this.categoryFor(drawn, { iso2, waba: sender.waba, delivered: deliveredAt !== undefined }),
      ...(deliveredAt === undefined ? {} : { deliveredAt: new Date(deliveredAt) }),
      wamid: this.wamid(number),
    };
    this.messages.push(message);
    return message;
  }

  /** Marketing to the United States is never delivered (Meta: since 2025-04-01): there it only occurs among the failed. */
  private categoryFor(
    drawn: string,
    { iso2, waba, delivered }: { iso2: string; waba: WabaNode; delivered: boolean },
  ): string {
    if (drawn === "authentication" && iso2 === "IN" && waba.country !== "IN") return "authentication-international";
    return drawn.startsWith("marketing") && iso2 === "US" && delivered ? "utility" : drawn;
  }

  /** A message id of Meta's form: it contains the recipient. */
  private wamid(number: string): string {
    const tail = Array.from({ length: 20 }, () => this.random.between(0, 15).toString(16).toUpperCase()).join("");
    const bytes = [
      Buffer.from([0x1c, 0x18, number.length]),
      Buffer.from(number),
      Buffer.from([0x15, 0x02, 0x00, 0x11, 0x18, 0x14]),
      Buffer.from(tail),
      Buffer.from([0]),
    ];
    return `wamid.${Buffer.concat(bytes).toString("base64")}`;
  }

  /** Delivered messages about which nobody is told: charged ones, in the middle of the period, each on another day than the one before. */
  private withhold(): PlannedMessage[] {
    const random = randomOf("withheld", this.input.seed);
    const { from, to, senders } = this.input;
    const inner = Math.max(1, Math.floor((to.getTime() - from.getTime()) / dayLength) - 4);
    const margin = inner > 4 ? 2 * dayLength : hour;
    return Array.from({ length: this.input.withheld }, (_one, place) => {
      const sender = senders[place % senders.length];
      const country = countries[place % 3];
      if (sender === undefined || country === undefined) throw new RangeError("no sender to withhold from");
      const number = country.prefix + String(9_999 - place).padStart(4, "0");
      const at = from.getTime() + margin + (place % inner) * dayLength + random.between(0, 20 * 60) * minute;
      return {
        place: -1 - place,
        sender,
        digits: number,
        iso2: country.iso2,
        userId: `${country.iso2}.1${number}`,
        name: random.pick(givenNames),
        category: place % 2 === 0 ? "marketing" : "utility",
        deliveredAt: new Date(Math.min(at, to.getTime() - minute)),
        wamid: `wamid.withheld${place}`,
      };
    });
  }
}
