/** The pool ledger: each pool has a category that is looked after, and no change hangs half done. */
import { durationInWords } from '../../../core/time/durationWords';
import { sharedPoolName } from '../../../ports/routingTable';
import { findCategories } from '../../category/findCategories';
import { check, type Difference } from '../check';

/** A change of a pool, its retries included, is over by then, ms. */
const changeMs = 15 * 60_000;

export const pools = check(
  'pools',
  'the pool ledger with categories that run',
  ['database', 'temporal'],
  async ({ database, temporal, now }) => {
    const [ledger, rows, found] = await Promise.all([
      database.ledger.list(),
      database.survey.categories(),
      findCategories(temporal, now()),
    ]);
    const running = new Set(
      found.flatMap(({ status, category }) => (status === 'RUNNING' ? [category] : [])),
    );
    const registered = new Set(rows.flatMap(({ name, status }) => (status === 'running' ? [name] : [])));
    return ledger.flatMap(({ category, nodes, phase, sinceMs }): Difference[] => {
      const abandoned =
        category !== sharedPoolName && !running.has(category) && !registered.has(category)
          ? [
              {
                what: `the pool of "${category}" has ${nodes.length} nodes and no such category runs`,
                affects: 'its nodes are paid for and serve nobody, or serve without being looked after',
                todo: `start category "${category}" again, then send it "stop": it drains and removes them`,
                repair: null,
              },
            ]
          : [];
      const lastedMs = now() - sinceMs;
      const stuck =
        phase === 'updating' && lastedMs > changeMs
          ? [
              {
                what: `the change of the pool of "${category}" has not come to its end for ${durationInWords(lastedMs)}`,
                affects: 'its nodes stay as they are; each tick tries again',
                todo: `look at "pam show ${category}": its trouble says why the change fails`,
                repair: null,
              },
            ]
          : [];
      return [...abandoned, ...stuck];
    });
  },
);
