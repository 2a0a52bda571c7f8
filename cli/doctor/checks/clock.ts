/** The clocks of the database and of this machine agree: bins, leases and decisions carry times of either. */
import { durationInWords } from '../../../core/time/durationWords';
import { check } from '../check';

/** A bin's counts are expected this long after its end at the latest, so less shifts nothing, ms. */
const acceptedMs = 2_000;

export const clock = check(
  'clock',
  'the clock of the database with that of this machine',
  ['database'],
  async ({ database, now }) => {
    const beforeMs = now();
    const thereMs = await database.survey.clockMs();
    const hereMs = (beforeMs + now()) / 2;
    const skewMs = thereMs - hereMs;
    if (Math.abs(skewMs) <= acceptedMs) return [];
    return [
      {
        what: `the database's clock is ${durationInWords(Math.abs(skewMs))} ${skewMs > 0 ? 'ahead of' : 'behind'} this machine's`,
        affects: 'bins are counted for other minutes than decisions are made for',
        todo: 'synchronize both machines (chrony, systemd-timesyncd)',
        repair: null,
      },
    ];
  },
);
