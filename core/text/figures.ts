/** A number or a share → the text that people read. Written once, so that the same figure looks the same everywhere. */

/** Three significant digits, whole from 100 on: `0.123`, `12.3`, `1234`. */
export function rounded(value: number): string {
  return value >= 100 ? Math.round(value).toString() : Number(value.toPrecision(3)).toString();
}

/** 0.0123 → `1.23 %`, with three significant digits. */
export const percent = (share: number): string => `${rounded(share * 100)} %`;

/** 0.0123 → `1.2 %`: one decimal place, or one significant digit below 0.1 %. */
export function shortPercent(share: number): string {
  const value = share * 100;
  return `${Number(value >= 0.1 ? value.toFixed(1) : value.toPrecision(1))} %`;
}

/** 0.0123 → `1 %`. */
export const wholePercent = (share: number): string => `${Math.round(share * 100)} %`;
