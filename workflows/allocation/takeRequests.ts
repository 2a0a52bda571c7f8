/** What signals and updates have left in the inbox → what woke the loop, and settings and events in the stores. */
import type { DemandEvent } from '../../core/events/event';
import { markdownText } from '../../core/text/markdown';
import type { TickTrigger } from '../contracts';
import { type AllocationState, type Inbox, reject } from './state';
import { attempt, recordEvents, registerCategory } from './steps';

/** What woke the loop; an event out of reach is only recorded. */
export function takeWake({ settings, lead }: AllocationState, inbox: Inbox): TickTrigger | null {
  const { wake, announced, withdrawn } = inbox;
  const moved = inbox.moved.splice(0);
  inbox.wake = null;
  if (wake !== 'event' || withdrawn.length > 0) return wake;
  const { horizonsMs, leadMs } = settings;
  const reachMs = Date.now() + Math.max(leadMs, lead?.ms ?? leadMs, ...horizonsMs);
  const near = ({ startMs }: DemandEvent) => startMs <= reachMs;
  return announced.some(near) || moved.some(near) ? wake : null;
}

/** The activities and the collector read them there. */
export async function saveRequests(state: AllocationState, inbox: Inbox): Promise<void> {
  const { name } = state.settings;
  if (inbox.unregistered) await register(state, inbox);
  if (inbox.announced.length === 0 && inbox.withdrawn.length === 0) return;
  const announced = inbox.announced.splice(0);
  const withdrawn = inbox.withdrawn.splice(0);
  const titles = [...announced.map(({ title }) => title), ...withdrawn.map(({ id }) => `withdrawn ${id}`)];
  const unknown = await attempt(
    recordEvents.executeWithOptions({ summary: markdownText(titles.join(', ').slice(0, 180)) }, [
      { category: name, announced, withdrawn },
    ]),
    (why) => reject(state, Date.now(), 'step recordEvents', why),
  );
  for (const id of unknown ?? [])
    reject(state, Date.now(), 'signal calendarEvent', `withdraw: no event "${id}" of that source is known`);
}

/** Settings that are refused fail a category that starts; one that runs keeps those that it had. */
async function register(state: AllocationState, inbox: Inbox): Promise<void> {
  const { settings } = state;
  inbox.unregistered = false;
  const registering = registerCategory.executeWithOptions({ summary: `settings of ${settings.name}` }, [
    settings,
  ]);
  if (inbox.registered === null) await registering;
  else {
    let refused = false;
    await attempt(registering, (why) => {
      refused = true;
      reject(state, Date.now(), 'update configure', why);
    });
    if (refused) {
      // A later change is on its way to be registered: it says itself what becomes of it.
      if (!inbox.unregistered) state.settings = inbox.registered;
      return;
    }
  }
  inbox.registered = settings;
}
