/** The iCalendar library as CommonJS loads it. Its types describe only the ES module. */
type IcalModule = typeof import('ical.js', { with: { 'resolution-mode': 'import' }})['default'];

export const ical: IcalModule = require('ical.js');
export type IcalComponent = InstanceType<typeof ical.Component>;
export type IcalProperty = InstanceType<typeof ical.Property>;
export type IcalTime = InstanceType<typeof ical.Time>;
export type IcalRecur = InstanceType<typeof ical.Recur>;
