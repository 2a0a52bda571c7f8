/** PAM’s search attributes → added to the namespace of a server, if it lacks them. */
import type { TemporalClient } from '../../adapters/temporal/connect';
import { PamError } from '../../core/errors';
import { messageOf } from '../../core/thrown';
import { searchAttributes } from '../../workflows/contracts';

/** The server's spelling of each type, and its number in the API (temporal.api.enums.v1.IndexedValueType). */
const typeNames = {
  TEXT: ['Text', 1],
  KEYWORD: ['Keyword', 2],
  INT: ['Int', 3],
  DOUBLE: ['Double', 4],
  BOOL: ['Bool', 5],
  DATETIME: ['Datetime', 6],
  KEYWORD_LIST: ['KeywordList', 7],
} as const;

const entries = Object.values(searchAttributes).map(({ name, type }) => ({ name, type: typeNames[type] }));

/** Name → type, e.g. `PamCategory` → `Keyword`. */
export const searchAttributeTypes: Readonly<Record<string, string>> = Object.fromEntries(
  entries.map(({ name, type }) => [name, type[0]]),
);

/**
 * Creates the missing ones and resolves to their names. If the server refuses, throws PamError DENIED with the
 * commands that an operator can run.
 */
export async function ensureSearchAttributes(
  { client }: TemporalClient,
  namespace: string,
): Promise<string[]> {
  const { operatorService } = client.connection;
  try {
    const present = (await operatorService.listSearchAttributes({ namespace })).customAttributes ?? {};
    const absent = entries.filter(({ name }) => !(name in present));
    if (absent.length > 0)
      await operatorService.addSearchAttributes({
        namespace,
        searchAttributes: Object.fromEntries(absent.map(({ name, type }) => [name, type[1]])),
      });
    return absent.map(({ name }) => name);
  } catch (error) {
    const options = entries.map(({ name, type }) => `--name ${name} --type ${type[0]}`).join(' ');
    throw new PamError(
      'DENIED',
      `the Temporal server refuses to add PAM's search attributes to namespace "${namespace}" (${messageOf(
        error,
      )}); ask an operator to run: temporal operator search-attribute create --namespace ${namespace} ${options}`,
      { cause: error },
    );
  }
}
