/** Text of one line that people, terminals, logs, headers and databases take as it is: the schema, and what makes one of any text. */
import { z } from 'zod';

/** Control characters, line ends, halves of a character, and marks that reverse what a reader sees. */
const unplain = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const allUnplain = new RegExp(unplain.source, 'gu');

export const isPlain = (text: string): boolean => !unplain.test(text);

/** Every part that is not plain becomes a blank. */
export const madePlain = (text: string): string => text.replace(allUnplain, ' ');

/** 1 to `most` characters, without blanks at the ends. */
export const plainText = (most: number) =>
  z.string().trim().min(1).max(most).refine(isPlain, 'expected text of one line without control characters');
