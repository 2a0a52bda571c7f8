/**
 * A cell → its text in CSV, which a spreadsheet shows and does not compute. Numbers stay numbers; a text that a spreadsheet
 * would take for a formula gets an apostrophe in front, which spreadsheets take for "this is text".
 */
import { visibleLine } from './visible';

/** What a formula begins with, full-width forms included: they are made narrow when a sheet is opened in some locales. */
const begins = /^[=+\-@|%\u2212]/;
const number = /^-?\d{1,20}(?:\.\d{1,20})?(?:e[+-]?\d{1,3})?$/i;

export function csvCell(value: string | number): string {
  if (typeof value === 'number') return Number.isNaN(value) ? '' : String(value);
  const text = visibleLine(value);
  const first = text.replace(/^[\s"'\u200c\u200d]+/u, '').slice(0, 1);
  const isFormula = !number.test(text) && begins.test(first.normalize('NFKC'));
  const shown = isFormula ? `'${text}` : text;
  // A semicolon separates cells where a comma is the decimal mark.
  return isFormula || /[",;]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
}
