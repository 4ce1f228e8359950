// The process's system clock, set wrong on purpose, as a machine's is that steps. Timers and the stopwatch (`performance.now`) go on as they do then.
const MachineDate = globalThis.Date;
let aheadMs = 0;

globalThis.Date = class Date extends MachineDate {
  constructor(...args) {
    if (args.length === 0) super(MachineDate.now() + aheadMs);
    else super(...args);
  }

  static now() {
    return MachineDate.now() + aheadMs;
  }

  static [Symbol.hasInstance](value) {
    return value instanceof MachineDate;
  }
};

export const setAhead = (ms) => {
  aheadMs = ms;
};
