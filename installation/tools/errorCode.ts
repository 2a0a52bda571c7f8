/** Moved: see core/thrown. */
export { hasCode } from '../../core/thrown';
