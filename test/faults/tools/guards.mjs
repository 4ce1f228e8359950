// Takes one guard out of the platform in this process, to show that the harness notices. Only here: nothing that is shipped can do without one.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const mongo = require("mongodb");

const wrap = (prototype, method, make) => {
  const real = prototype[method];
  if (typeof real !== "function") throw new Error(`There is no ${method} to take away.`);
  prototype[method] = make(real);
};

const collections = mongo.Collection.prototype;
const databases = mongo.Db.prototype;
const isNamed = (collection, database, name) =>
  collection.dbName.endsWith(database) && collection.collectionName === name;

const guards = {
  /** The ledger takes the entries of a fact as often as they come. */
  "ledger-key": () => {
    wrap(
      databases,
      "command",
      (real) =>
        function (command, ...rest) {
          if (!this.databaseName.endsWith("billing") || command.insert !== "entries")
            return real.call(this, command, ...rest);
          const again = () => new mongo.ObjectId().toHexString();
          const documents = command.documents.map((row) => ({ ...row, _id: `${row._id}-${again()}` }));
          return real.call(this, { ...command, documents }, ...rest);
        },
    );
  },
  /** The door answers before the bytes are on the disk, while it is about to be killed: clients come live on a door that keeps its word. */
  "journalled-write": (isArmed) => {
    wrap(
      collections,
      "insertMany",
      (real) =>
        function (rows, ...rest) {
          if (!isNamed(this, "webhook", "raw") || !isArmed()) return real.call(this, rows, ...rest);
          setTimeout(() => real.call(this, rows, ...rest).catch(() => undefined), 150);
          return Promise.resolve({ acknowledged: true, insertedCount: rows.length, insertedIds: {} });
        },
    );
  },
  /** Whoever posts is believed. */
  signature: () => {
    const signatures = require(require.resolve("@greentick/meta").replace(/index\.js$/, "signature.js"));
    wrap(signatures, "verifySignature", () => () => true);
  },
  /** What Stripe has to be told anew is not noted. */
  "window-mark": () => {
    wrap(
      databases,
      "command",
      (real) =>
        function (command, ...rest) {
          const isMark = ({ u }) => u?.$inc?.dirtyVersion === 1;
          const marks = command.update === "windows" && this.databaseName.endsWith("billing");
          if (!marks || !command.updates.every(isMark)) return real.call(this, command, ...rest);
          return Promise.resolve({ ok: 1, n: command.updates.length });
        },
    );
  },
  /** What waits at the door is handed on newest first. */
  "lane-order": () => {
    wrap(
      collections,
      "find",
      (real) =>
        function (...args) {
          const cursor = real.apply(this, args);
          if (isNamed(this, "webhook", "raw")) {
            const sort = cursor.sort.bind(cursor);
            cursor.sort = (by) => sort(by.sequence === 1 ? { sequence: -1 } : by);
          }
          return cursor;
        },
    );
  },
};

/** @param isArmed whether the process is to end at a fault point. */
export function removeGuard(name, isArmed) {
  if (!(name in guards)) throw new Error(`There is no guard ${name}: ${Object.keys(guards).join(", ")}.`);
  guards[name](isArmed);
}
