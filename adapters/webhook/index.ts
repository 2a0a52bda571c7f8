export { createWebhook, type WebhookOptions } from './createWebhook';
