export { createWebhook } from './createWebhook';
