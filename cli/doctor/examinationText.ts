/** What the doctor found → lines for people, and the exit code for programs. */
import type { Examination, Finding } from './examine';

/** 0 nothing is wrong, 1 something is and stays, 2 something could not be looked at. */
export function examinationCode({ findings, checks }: Examination): 0 | 1 | 2 {
  if (findings.some(({ repaired }) => repaired === null)) return 1;
  return checks.some(({ unseen }) => unseen !== null) ? 2 : 0;
}

export function examinationText(examination: Examination): string[] {
  const { checks, findings } = examination;
  const unseen = checks.filter((one) => one.unseen !== null);
  const looked = checks.length - unseen.length;
  return [
    ...findings.flatMap(findingText),
    ...unseen.map(({ name, compares, unseen: why }) => `could not look at ${name} (${compares}): ${why}`),
    `${looked} of ${checks.length} checks looked, ${findings.length === 0 ? 'nothing is wrong' : summary(findings)}`,
  ];
}

function findingText({ check, what, affects, todo, repairable, repaired, failure }: Finding): string[] {
  const next =
    repaired !== null
      ? `repaired: ${repaired}`
      : failure !== null
        ? `repair failed: ${failure}; ${todo}`
        : repairable
          ? `to do:    pam doctor --repair, or ${todo}`
          : `to do:    ${todo}`;
  return [`${check}: ${what}`, `  affects:  ${affects}`, `  ${next}`, ''];
}

function summary(findings: readonly Finding[]): string {
  const repaired = findings.filter((one) => one.repaired !== null).length;
  const left = findings.length - repaired;
  const differences = (count: number) => `${count} difference${count === 1 ? '' : 's'}`;
  return repaired === 0
    ? differences(left)
    : `${differences(repaired)} repaired, ${left === 0 ? 'none is left' : `${left} left`}`;
}
