/** Signals, updates and queries of a category. Handlers only note what is wanted; the loop acts on it. */
import { setHandler } from '@temporalio/workflow';
import { changedSettings } from '../../core/category/change';
import { describeIssues } from '../../core/describeIssues';
import { type CalendarMessage, readCalendarMessages } from '../../core/events/announcement';
import { queries, signals, updates } from '../contracts';
import { pauseRequest, readOverride, stopRequest } from './requests';
import {
  type AllocationState,
  type Inbox,
  mostComingOverrides,
  reject,
  statusOf,
  takeOverride,
  withEvent,
} from './state';

/** `nextMs` tells when the loop looks next. */
export function answerPeople(state: AllocationState, inbox: Inbox, nextMs: () => number): void {
  setHandler(
    signals.calendarEvent,
    (messages) => {
      const nowMs = Date.now();
      for (const read of readCalendarMessages(messages)) {
        if (!read.ok) reject(state, nowMs, 'signal calendarEvent', describeIssues(read.error));
        else {
          hear(state, inbox, read.message, nowMs);
          inbox.wake ??= 'event';
        }
      }
    },
    {
      description:
        'Announce an event, e.g. {"name":"sale","start":"2026-12-01T18:00Z","duration":"2h"}, or take one back: {"withdraw":"its id"}',
    },
  );

  setHandler(
    signals.pause,
    (message) => {
      const nowMs = Date.now();
      const read = pauseRequest.safeParse(message ?? {});
      if (!read.success) return reject(state, nowMs, 'signal pause', describeIssues(read.error));
      state.paused = { reason: read.data.reason, untilMs: read.data.for ? nowMs + read.data.for : null };
      inbox.wake ??= 'pause';
    },
    {
      description:
        'Go on predicting and recording, leave the nodes as they are, e.g. {"for":"15m","reason":"incident"}',
    },
  );

  setHandler(
    signals.resume,
    () => {
      if (state.paused === null)
        return reject(state, Date.now(), 'signal resume', 'the category is not paused');
      state.paused = null;
      inbox.wake = 'resume';
    },
    { description: 'End a pause; no input' },
  );

  setHandler(
    signals.stop,
    (message) => {
      const read = stopRequest.safeParse(message ?? {});
      if (!read.success) return reject(state, Date.now(), 'signal stop', describeIssues(read.error));
      inbox.stopping = { reason: read.data.reason };
    },
    {
      description: 'Drain and remove the nodes, remove the routing rule, complete, e.g. {"reason":"retired"}',
    },
  );

  setHandler(
    updates.configure,
    (message) => {
      state.settings = changedSettings(message, state.settings);
      inbox.unregistered = true;
      inbox.wake = 'configure';
      return state.settings;
    },
    {
      validator: (message) => {
        refuseWhileStopping(inbox);
        changedSettings(message, state.settings);
      },
      description: 'Change settings of the running category, e.g. {"risk":0.003,"nodes":{"max":40}}',
    },
  );

  setHandler(
    updates.setNodes,
    (message) => {
      const override = readOverride(message, state.settings, Date.now());
      takeOverride(state, override);
      inbox.wake = 'override';
      return override;
    },
    {
      validator: (message) => {
        refuseWhileStopping(inbox);
        const read = readOverride(message, state.settings, Date.now());
        refuseTooMany(state, read);
      },
      description:
        'Set the number of nodes for a time, e.g. {"nodes":8,"for":"30m","reason":"load test"}, with "from" later on; {"nodes":null} ends it and calls off what is to come',
    },
  );

  setHandler(queries.status, () => statusOf(state, inbox, nextMs()), {
    description:
      'Where the category stands: mode, node counts, forecast, accuracy, training, events; no input',
  });
  setHandler(queries.decisions, (count) => state.decisions.slice(-(count ?? 20)), {
    description: 'The latest decisions with their reasons, 20 unless a number is given',
  });
}

function hear(state: AllocationState, inbox: Inbox, message: CalendarMessage, nowMs: number): void {
  if (message.kind === 'withdrawn') {
    const { id, source } = message;
    state.events = state.events.filter((event) => !(event.id === id && event.source === source));
    inbox.withdrawn.push({ id, source });
    return;
  }
  const { event } = message;
  const same = (known: { id: string; source: string }) =>
    known.id === event.id && known.source === event.source;
  const before = state.events.find(same);
  // An event that moves out of reach gives nodes back, as one that is called off.
  if (before !== undefined && before.startMs < event.startMs) inbox.moved.push(before);
  state.events = withEvent(state.events, event, nowMs);
  inbox.withdrawn = inbox.withdrawn.filter((known) => !same(known));
  inbox.announced.push(event);
}

function refuseTooMany({ coming }: AllocationState, override: object | null): void {
  if (override !== null && 'fromMs' in override && coming.length >= mostComingOverrides)
    throw new Error(
      `setNodes: from: ${mostComingOverrides} overrides are to come already; {"nodes": null} calls them off`,
    );
}

function refuseWhileStopping(inbox: Inbox): void {
  if (inbox.stopping !== null) throw new Error('the category is being stopped');
}
