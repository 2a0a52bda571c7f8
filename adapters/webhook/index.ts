export type { Caller } from './caller';
export { createWebhook } from './createWebhook';
