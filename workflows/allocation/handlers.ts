/** Signals, updates and queries of a category. Handlers only note what is wanted; the loop acts on it. */
import { setHandler } from '@temporalio/workflow';
import { describeIssues } from '../../core/demand/category';
import { readCalendarMessage } from '../../core/events/announcement';
import { queries, signals, updates } from '../contracts';
import { changedSettings, pauseRequest, readOverride, stopRequest } from './requests';
import { type AllocationState, type Inbox, reject, statusOf, withEvent } from './state';

/** `nextMs` tells when the loop looks next. */
export function answerPeople(state: AllocationState, inbox: Inbox, nextMs: () => number): void {
  setHandler(signals.calendarEvent, (message) => {
    const nowMs = Date.now();
    const read = readCalendarMessage(message);
    if (!read.ok) return reject(state, nowMs, 'signal calendarEvent', describeIssues(read.error));
    if (read.message.kind === 'withdrawn') {
      const { id, source } = read.message;
      state.events = state.events.filter((event) => !(event.id === id && event.source === source));
      inbox.withdrawn.push({ id, source });
    } else {
      state.events = withEvent(state.events, read.message.event, nowMs);
      inbox.announced.push(read.message.event);
    }
    inbox.wake ??= 'event';
  });

  setHandler(signals.pause, (message) => {
    const nowMs = Date.now();
    const read = pauseRequest.safeParse(message ?? {});
    if (!read.success) return reject(state, nowMs, 'signal pause', describeIssues(read.error));
    state.paused = { reason: read.data.reason, untilMs: read.data.for ? nowMs + read.data.for : null };
    inbox.wake ??= 'pause';
  });

  setHandler(signals.resume, () => {
    if (state.paused === null)
      return reject(state, Date.now(), 'signal resume', 'the category is not paused');
    state.paused = null;
    inbox.wake = 'resume';
  });

  setHandler(signals.stop, (message) => {
    const read = stopRequest.safeParse(message ?? {});
    if (!read.success) return reject(state, Date.now(), 'signal stop', describeIssues(read.error));
    inbox.stopping = { reason: read.data.reason };
  });

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
      state.override = readOverride(message, state.settings, Date.now());
      inbox.wake = 'override';
      return state.override;
    },
    {
      validator: (message) => {
        refuseWhileStopping(inbox);
        readOverride(message, state.settings, 0);
      },
      description:
        'Hold a number of nodes for a time, e.g. {"nodes":8,"for":"30m","reason":"load test"}; {"nodes":null} ends it',
    },
  );

  setHandler(queries.status, () => statusOf(state, inbox, nextMs()));
  setHandler(queries.decisions, (count) => state.decisions.slice(-(count ?? 20)));
}

function refuseWhileStopping(inbox: Inbox): void {
  if (inbox.stopping !== null) throw new Error('the category is being stopped');
}
