/** What the database says of categories, decisions and bins as a whole, for whoever compares it with what is. */

export interface CategorySurvey {
  readonly name: string;
  readonly status: 'running' | 'stopped';
  /** How long ago it was registered first, its latest decision was made, its latest measured bin began, ms; null = never. */
  readonly registeredMs: number;
  readonly decidedMs: number | null;
  readonly measuredMs: number | null;
}

export interface SurveyStore {
  categories(): Promise<CategorySurvey[]>;
  /** The database's clock, ms since the epoch. */
  clockMs(): Promise<number>;
}
