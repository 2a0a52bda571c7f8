/** Time as an argument: activities and adapters read it here, tests set it. */
export type Now = () => number;
