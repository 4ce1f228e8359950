/* global afterAll -- of jest, for which this file is a set-up file */
/**
 * What a test file made in the run's store goes behind every other hook of the file: those of one describe block run in the order in which they stand,
 * so that whoever opened a database at the top of a block would else lose it under what still runs on it.
 */
const last = (globalThis.greentickLastOfAll = []);

afterAll(async () => {
  for (const end of last.splice(0).reverse()) await end();
});
