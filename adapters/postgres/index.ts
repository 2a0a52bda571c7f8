/** What the rest of PAM uses of its database. */
export { migrate } from './migrate';
export { type Database, openDatabase } from './openDatabase';
export { ensureRoles, roleStatements } from './roles';
