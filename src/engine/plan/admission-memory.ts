/** Reserves the shared words of admission. @module */

import { LEVEL_SLOTS } from '../../admission/unit-levels.ts';
import { QueueContents } from '../../admission/queue-contents.ts';
import {
  allocateCell,
  allocateCounters,
  allocateNames,
  allocateSeqlock,
  type Allocator,
  CELL_BYTES,
  counterBytes,
  namesBytes,
  seqlockBytes,
} from '../../ringbuf/index.ts';
import type { PhysicalPlan } from '../../workers/protocol.ts';
import {
  type AdmissionLayout,
  branchesOf,
  COST_WORDS,
  GATE_FIGURES,
  type GatePlan,
  hasShares,
  LATE_FIGURES,
  LEDGER_LANES,
  LEVELS_HEAD_WORDS,
  type LevelsAddress,
  LevelsSlot,
  type UnitsPlan,
  type LedgerAddress,
  MAX_CLASSES,
  MAX_TENANTS,
  PRICE_WORDS,
  ROWS_OUT_COUNTERS,
} from '../../workers/protocol-admission.ts';

/** Classes of tenants that are told apart. */
const MAX_LANES = 1024;
/** Rounding of single allocations. */
const SLACK_BYTES = 1024;

/** How many lanes the rows of a gate can have. */
export function lanesOf({ program }: GatePlan): number {
  if (program.tenant !== undefined) return MAX_LANES;
  return program.class === undefined ? 1 : MAX_CLASSES;
}

/** Bytes that {@link allocateAdmission} takes at most. */
export function admissionBytes({ admission, rings, tasks, workers }: PhysicalPlan): number {
  if (admission === undefined) return 0;
  let bytes = rings.length * (counterBytes(1) + 128) + workers * (seqlockBytes(PRICE_WORDS) + 128);
  bytes += CELL_BYTES + SLACK_BYTES + workers * (seqlockBytes(tasks.length) + 128);
  for (const { gate } of admission.heads) {
    bytes += counterBytes(ROWS_OUT_COUNTERS) + seqlockBytes(COST_WORDS) + SLACK_BYTES;
    if (gate < 0) continue;
    const lanes = lanesOf(admission.gates[gate]!);
    bytes += levelsBytes(admission.gates[gate]!);
    bytes += 4 * QueueContents.wordsFor(lanes) + ledgerBytes(lanes, LATE_FIGURES) + SLACK_BYTES;
  }
  if (admission.gates.some(hasShares)) {
    bytes += workers * admission.gates.length * (seqlockBytes(MAX_TENANTS) + 128);
  }
  for (const gate of admission.gates) {
    const lanes = lanesOf(gate);
    bytes +=
      seqlockBytes(MAX_CLASSES) +
      namesBytes(MAX_CLASSES) +
      namesBytes(MAX_TENANTS) +
      CELL_BYTES +
      4 * lanes;
    bytes += branchesOf(gate).length * levelsBytes(gate);
    bytes += branchesOf(gate).length * (ledgerBytes(lanes, GATE_FIGURES) + SLACK_BYTES);
  }
  return bytes;
}

/** Lays out the words of a plan with admission. */
export function allocateAdmission(
  { admission, rings, tasks, workers }: PhysicalPlan,
  arena: Allocator,
): AdmissionLayout | undefined {
  if (admission === undefined) return undefined;
  const { gates, heads } = admission;
  const lanesOfHead = heads.map(({ gate }) => (gate < 0 ? undefined : lanesOf(gates[gate]!)));
  return {
    rowsIn: rings.map(() => allocateCounters(arena, 1)),
    rowsOut: heads.map(() => allocateCounters(arena, ROWS_OUT_COUNTERS)),
    costs: heads.map(() => allocateSeqlock(arena, COST_WORDS)),
    contents: lanesOfHead.map((lanes) => {
      if (lanes === undefined) return undefined;
      const words = QueueContents.wordsFor(lanes);
      return { byteOffset: arena.allocate(4 * words), words, lanes };
    }),
    lateLedgers: lanesOfHead.map((lanes) =>
      lanes === undefined ? undefined : allocateLedger(arena, lanes, LATE_FIGURES),
    ),
    lanes: gates.map((gate) => ({
      classes: allocateNames(arena, MAX_CLASSES),
      tenants: allocateNames(arena, MAX_TENANTS),
      count: allocateCell(arena),
      words: arena.allocate(4 * lanesOf(gate)),
      capacity: lanesOf(gate),
    })),
    ledgers: gates.map((gate) =>
      branchesOf(gate).map(() => allocateLedger(arena, lanesOf(gate), GATE_FIGURES)),
    ),
    levels: gates.map((gate) =>
      gate.units === undefined
        ? undefined
        : branchesOf(gate).map(() => allocateLevels(arena, gate.units!)),
    ),
    lateLevels: heads.map(({ gate }) => {
      const units = gates[gate]?.units;
      return units && allocateLevels(arena, units);
    }),
    prices: Array.from({ length: workers }, () => allocateSeqlock(arena, PRICE_WORDS)),
    busy: Array.from({ length: workers }, () => allocateSeqlock(arena, tasks.length)),
    settled: allocateCell(arena),
    ledgerCount:
      gates.reduce((sum, gate) => sum + branchesOf(gate).length, 0) +
      heads.filter(({ gate }) => gate >= 0).length,
    utilities: gates.map(({ settings }) =>
      settings.loss.length === 0 ? undefined : allocateSeqlock(arena, MAX_CLASSES),
    ),
    parts: Array.from({ length: gates.some(hasShares) ? workers : 0 }, () =>
      gates.map(() => allocateSeqlock(arena, MAX_TENANTS)),
    ),
  };
}

function levelsBytes({ units }: GatePlan): number {
  if (units === undefined) return 0;
  const slot = seqlockBytes(LevelsSlot.LEVELS + units.strata) + 128;
  return seqlockBytes(LEVELS_HEAD_WORDS) + LEVEL_SLOTS * slot + SLACK_BYTES;
}

function allocateLevels(arena: Allocator, { strata }: UnitsPlan): LevelsAddress {
  return {
    head: allocateSeqlock(arena, LEVELS_HEAD_WORDS),
    slots: Array.from({ length: LEVEL_SLOTS }, () =>
      allocateSeqlock(arena, LevelsSlot.LEVELS + strata),
    ),
    strata,
  };
}

function ledgerBytes(lanes: number, figures: number): number {
  const inPart = Math.min(LEDGER_LANES, lanes);
  return Math.ceil(lanes / LEDGER_LANES) * (seqlockBytes(inPart * figures) + 128);
}

function allocateLedger(arena: Allocator, lanes: number, figures: number): LedgerAddress {
  const inPart = Math.min(LEDGER_LANES, lanes);
  const parts = Array.from({ length: Math.ceil(lanes / LEDGER_LANES) }, () =>
    allocateSeqlock(arena, inPart * figures),
  );
  return { parts, figures };
}
