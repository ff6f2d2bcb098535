/** What has become of a row of the input. @module */

/** States of rows. */
export const RowState = {
  /** It failed, or has not been looked at. */
  NONE: 0,
  /** It found no row of the table. */
  MISS: 1,
  READ: 2,
  INSERTED: 3,
  UPDATED: 4,
  DELETED: 5,
} as const;
