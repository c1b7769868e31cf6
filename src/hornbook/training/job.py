"""A job: from a recipe and examples to a finished run; `hornbook.learning.train` is the way in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NoReturn

import torch

from hornbook.checks.check import Findings, check_prepared
from hornbook.columns.evaluations import Evaluations
from hornbook.columns.spoiled import spoiled_inputs, to_json
from hornbook.common.files import rename
from hornbook.common.plaintext import number_of
from hornbook.common.progress import Progress
from hornbook.errors import RunError
from hornbook.examples import Examples
from hornbook.examples.prepare import Prepared, prepare
from hornbook.networks.model import Network
from hornbook.networks.tables.formula import formulas
from hornbook.recipe import Recipe
from hornbook.recipe.networks import Blend
from hornbook.recognizer import FILE, Recognizer
from hornbook.training.at_once import fit_at_once
from hornbook.training.blend.blending import blend
from hornbook.training.blend.blind import deal
from hornbook.training.checkpoint import cannot_save, save_checkpoint, write_in_run
from hornbook.training.device import device_name
from hornbook.training.environment import machine, versions
from hornbook.training.export.graph import check_export, export
from hornbook.training.loop import Loop
from hornbook.training.many.ranks import Ranks
from hornbook.training.memory import enough_memory
from hornbook.training.mixture import where_codes_lie
from hornbook.training.novelty import find_novelty
from hornbook.training.outcome import Outcome, Trained
from hornbook.training.precision import bfloat16_instructions
from hornbook.training.resume import FORMAT, Beginning, compare, compare_data, digest_of, shared, taken_up
from hornbook.training.run import METRICS, RECIPE, REPORT, Run
from hornbook.training.started import Begun, begin
from hornbook.training.status import epoch_of, step_of
from hornbook.training.tensorboard import Board
from hornbook.training.threads import as_needed

SAVE_EVERY = 20.0
"""Seconds of training that a killed run may lose: a checkpoint of a small net takes some milliseconds."""

WRITE_EVERY = 1.0
"""Seconds between two times that ``history.csv`` is written; what is missing in it is in the checkpoint."""

EXPORT_EVERY = 5.0
"""Seconds between two exports of better epochs; the last one is always exported."""


class Interrupted(RunError):
    """Training was asked to stop; its state is saved."""


@dataclass
class Job:
    """One call of ``train``: the run, and what is known so far.

    ``report`` is called at the end with what there is to tell, before the run counts as finished. None is for a
    trial of a search: nothing is reported, and the test rows are not looked at.
    """

    run: Run
    recipe: Recipe
    progress: Progress
    started: float
    report: Callable[[Outcome], None] | None
    fresh: bool = False
    board: Board | None = None
    ranks: Ranks = field(default_factory=Ranks)
    saved: float = 0.0
    exported: float = 0.0
    written: float = 0.0
    pending: bool = False
    begun: Begun | None = None

    def begin(self, read: Callable[[], Examples]) -> Beginning:
        """Return what training begins with, if the folder and the examples allow it.

        Raises
        ------
        RunError
            The folder holds another run, or one of other data.
        """
        recipe = self.recipe
        # torchrun starts all ranks again when one has died: what they have learned since --fresh is gone on with.
        self.fresh = self.fresh and not self.ranks.again
        longer = self.ranks.first and compare(self.run, recipe, self.fresh, self.ranks.again)
        checkpoint = taken_up(self.run, recipe, self.fresh) if self.ranks.first else None
        examples = read()
        prepared = prepare(examples, recipe.inputs, recipe.targets, recipe.split, self._reading)
        if checkpoint is not None:
            compare_data(self.run, prepared, checkpoint)
        return Beginning(prepared, examples, checkpoint, longer)

    def go(self, ready: Beginning) -> Run:
        """Train, export, evaluate, report; of several ranks the first one, and the others train alone."""
        recipe, ranks = self.recipe, self.ranks
        ready = shared(ready, recipe, ranks)
        prepared, longer = ready.prepared, ready.longer
        if not ranks.first:
            return self._follow(ready)
        findings = check_prepared(prepared, recipe.network.folds)
        self.progress.note(findings.text())
        for remark in dict.fromkeys(r for c in prepared.inputs.values() for r in c.remarks()):
            self.progress.note(remark)
        if recipe.network.closed_form:
            self._finish(prepared, self._at_once(prepared), findings)
            return self.run
        with self._looping(ready) as loop:
            self._begin()
            if loop.kept is not None:  # its epochs take no time, and an export does
                self.exported = time.monotonic()
            best = ready.checkpoint["best"] if ready.checkpoint else None
            self.pending = best is not None  # it may have been saved and not exported
            self._say_start(loop, ready.checkpoint)
            if ready.checkpoint is None or longer:
                self._save(loop, best)
            with enough_memory(recipe):
                best = self._epochs(loop, best)
            if not loop.state.finished:
                self._stop(loop, findings)
            assert best is not None, "a finished run has a best epoch"
            trained = self._trained(loop, best)
        self._finish(prepared, trained, findings)
        return self.run

    def _follow(self, ready: Beginning) -> Run:
        """Compute what is this rank's part of every step; rank 0 does all else."""
        if self.recipe.network.closed_form:
            return self.run
        with self._looping(ready) as loop, enough_memory(self.recipe):
            while not loop.state.finished and loop.run_epoch(lambda _: not self.ranks.stopping):
                loop.validate()
        return self.run

    @contextmanager
    def _looping(self, ready: Beginning) -> Iterator[Loop]:
        """Give the loop where the run stands, on all ranks with the same weights."""
        recipe, prepared, ranks, fresh = self.recipe, ready.prepared, self.ranks, ready.checkpoint is None
        with torch.random.fork_rng(devices=[]), closing(prepared), ranks.agreed(), enough_memory(recipe):
            begun = begin(recipe, prepared, fresh=fresh, progress=self.progress, reading=self._reading)
        self.begun, training = begun, begun.training
        dealt, blind = deal(prepared, recipe, ready.examples)
        before, few = ready.checkpoint and ready.checkpoint["loop"], as_needed(begun.network, dealt, training)
        with torch.random.fork_rng(devices=[]), closing(prepared), few:
            with ranks.agreed(), enough_memory(recipe):
                loop = Loop(begun.network, dealt, training, before, begun.kept, blind, ranks)
            if ready.longer:  # patience begins anew: to go on is what was asked for
                loop.state.finished, loop.state.improved_epoch = False, loop.state.epoch
            loop.state.finished = loop.state.epoch >= training.epochs or (
                loop.state.finished and bool(training.early_stopping)
            )
            ranks.compare(
                {"weights": digest_of(loop.network, ranks), "threads": str(torch.get_num_threads())}
            )
            yield loop

    def _begin(self) -> None:
        """Change the folder, once the data is read and the network made: what is there may be all there is."""
        if self.fresh:
            self.run.clear()
        try:
            (self.run.path / METRICS).unlink(missing_ok=True)
        except OSError as error:
            raise cannot_save(self.run.path, error) from error
        write_in_run(self.run.path / RECIPE, self.recipe.to_toml().encode("utf-8"))

    def _reading(self, what: str, done: int, total: int) -> None:
        """Tell how far reading has come, and stop there when asked to: nothing is lost, as nothing was learned."""
        self.progress.reading(what, done, total)
        if self.ranks.asked.is_set():
            self.progress.close()
            raise Interrupted("stopped while reading the examples; give the same command again to go on")

    def _say_start(self, loop: Loop, checkpoint: dict[str, Any] | None) -> None:
        state, training = loop.state, loop.training
        several = f", {self.ranks.world} ranks" if self.ranks.world > 1 else ""
        network = f"{loop.network.parameters_count():,} parameters, {state.precision} on {loop.device.type}{several}"
        if checkpoint is None:
            self.progress.note(
                f"training {self.recipe.name} in {self.run.path}: {number_of(training.epochs, 'epoch')}, {network}"
            )
        else:
            self.progress.note(
                f"going on with {self.run.path} after epoch {state.epoch} of {training.epochs}"
                f"{f', step {state.step} of {loop.steps}' if state.step else ''}: {network}"
            )
        if said := loop.shards.remark():
            self.progress.note(said)

    def _epochs(self, loop: Loop, best: dict[str, Any] | None) -> dict[str, Any] | None:
        """Run the epochs that are left, or until asked to stop, and return the weights of the best one."""

        def after_step(loop: Loop) -> bool:
            self.progress.step(step_of(loop))
            now = time.monotonic()
            if self.ranks.stopping or now - self.saved > SAVE_EVERY:
                self._save(loop, best)
            return not self.ranks.stopping

        if loop.state.finished:  # all was trained, and what came of it is written anew
            self.run.write_history(loop.state.history)
        while not loop.state.finished:
            try:
                whole = loop.run_epoch(after_step)
            except Interrupted:  # while it waited for the examples of the epoch
                self._save(loop, best)
                whole = False
            if not whole:
                break
            if loop.validate():
                best = {k: v.clone() for k, v in loop.averaged.state_dict().items()}
                self.pending = True
            self.progress.epoch(epoch_of(loop))
            if self.board is not None:
                self.board.epoch(loop)
            now = time.monotonic()
            if loop.state.finished or now - self.written > WRITE_EVERY:
                self.run.write_history(loop.state.history, last=loop.state.finished)
                self.written = now
            if loop.state.finished or now - self.saved > EXPORT_EVERY:
                self._save(loop, best)
            if self.pending and not loop.state.finished and now - self.exported > EXPORT_EVERY:
                self._export(loop, best)
        self.progress.close()
        if not loop.state.finished:
            self.run.write_history(loop.state.history)
            if best is not None and self.pending:
                self._export(loop, best)
        return best

    def _save(self, loop: Loop, best: dict[str, Any] | None) -> None:
        save_checkpoint(
            self.run.path,
            {
                "format": FORMAT,
                "loop": loop.state_dict(),
                "best": best,
                "fingerprint": loop.prepared.fingerprint,
                "rows": len(loop.prepared.examples),
            },
        )
        self.saved = time.monotonic()

    def _export(self, loop: Loop, best: dict[str, Any] | None, last: bool = False) -> Network:
        """Write the recognizer of the best weights; the ``last`` one says what is unlike the examples."""
        assert best is not None
        assert self.begun is not None, "what is exported was begun"
        prepared = loop.prepared
        network = Network(prepared.inputs, prepared.targets, self.begun.options)
        network.load_state_dict(best)
        network.eval()
        training = self.recipe.training
        asked, about = last and training.novelty, self._about(prepared, loop.state.best_epoch)
        novelty = find_novelty(network, prepared, training.seed, loop.kept) if asked else None
        lie = where_codes_lie(network, prepared, training.seed) if last else {}
        raw = export(network, prepared.inputs, prepared.targets, about | lie, novelty)
        self._keep(prepared, raw, partial(check_export, network=network, novelty=novelty))
        return network

    def _keep(self, prepared: Prepared, raw: bytes, check: Callable[..., None]) -> None:
        """Write a recognizer, checked on validation rows before it takes its name."""
        splits = prepared.splits
        rows = splits["validation"] if len(splits["validation"]) else splits["train"]
        temporary = self.run.path / f".{FILE}.onnx"
        write_in_run(temporary, raw)
        try:
            reader = Recognizer(temporary)
            encoded = prepared.take(rows[: min(64, 2 * reader.at_once)], prepared.inputs)
            check(reader, encoded=encoded, where=str(self.run.path / FILE))
            rename(temporary, self.run.path / FILE)
        except OSError as error:
            raise cannot_save(self.run.path, error) from error
        finally:
            temporary.unlink(missing_ok=True)
        self.exported, self.pending = time.monotonic(), False

    def _about(self, prepared: Prepared, epoch: int) -> dict[str, Any]:
        columns = {**prepared.inputs, **prepared.targets}
        used = {source for name, column in columns.items() for source in column.sources(name)}
        return {
            "recipe": self.recipe.name,
            "epoch": epoch,
            "examples": len(prepared.splits["train"]),
            "fingerprint": prepared.fingerprint,
            "table": prepared.examples.written.to_json(used),
            **to_json(spoiled_inputs(prepared.inputs, prepared.targets, self.recipe.training.augment)),
        }

    def _at_once(self, prepared: Prepared) -> Trained:
        """Fit what takes no epochs, and write its recognizer."""
        self._begin()
        found = fit_at_once(prepared, self.recipe, self._reading)
        self.progress.note(f"training {self.recipe.name} in {self.run.path}: {found.told}")
        about = {**self._about(prepared, 1), **found.kept}
        raw = export(found.model, prepared.inputs, prepared.targets, about, found.novelty)
        self._keep(prepared, raw, found.check)
        self.run.write_history(found.history)
        return Trained(found.history, [], {**found.about, "best_epoch": 1, "epochs": 1})

    def _trained(self, loop: Loop, best: dict[str, Any]) -> Trained:
        """Write the recognizer of the best epoch, and say what was trained."""
        if isinstance(self.recipe.network, Blend):
            network, more = self._blend(loop, best)
        else:
            network, more = self._export(loop, best, last=self.report is not None), dict[str, Any]()
        found = [f.to_json() for f in formulas(network)]
        about = {
            **more,
            "parameters": network.parameters_count(),
            "best_epoch": loop.state.best_epoch,
            "epochs": loop.state.epoch,
            "precision": loop.state.precision,
            "bfloat16_instructions": bfloat16_instructions(loop.device) or "none",
            "device": device_name(loop.device),
            "threads": torch.get_num_threads(),
            **({"ranks": self.ranks.world} if self.ranks.world > 1 else {}),
        }
        return Trained(loop.state.history, found, about, self.begun.folded if self.begun else None)

    def _blend(self, loop: Loop, best: dict[str, Any]) -> tuple[Network, dict[str, Any]]:
        """Write the recognizer of the best epoch with trees and a linear model beside it, and say how good each is."""
        together, judged = blend(loop, best, self.recipe)
        prepared, about = loop.prepared, self._about(loop.prepared, loop.state.best_epoch)
        file = export(together, prepared.inputs, prepared.targets, about)
        self._keep(prepared, file, partial(check_export, network=together))
        self.progress.note("\n".join(line for one in judged for line in one.lines()))
        return loop.averaged, {"blend": {j.target: j.to_json() for j in judged}, "leaves": together.leaves()}

    def _stop(self, loop: Loop, findings: Findings) -> NoReturn:
        """Write the report so far, judged on validation rows: test rows are for the end. Then say that it stopped."""
        state, prepared = loop.state, loop.prepared
        stopped = f"stopped after epoch {state.epoch}, step {state.step} of {loop.steps}"
        if self.report is None:
            raise Interrupted(stopped)
        judged = (
            state.epoch and len(prepared.splits["validation"]) and not loop.blind
        )  # their mean knows all rows
        evaluations = self.run.recognizer.evaluate(prepared, "validation") if judged else {}
        about = self._facts(prepared, {"best_epoch": state.best_epoch, "epochs": state.epoch}, state.history)
        outcome = Outcome(self.run, self.recipe, prepared, findings, state.history, evaluations, about, [])
        self.report(replace(outcome, stopped=stopped))
        raise Interrupted(f"{stopped}; all is saved in {self.run.path}, give the same command again to go on")

    def _facts(
        self, prepared: Prepared, trained: dict[str, Any], history: list[dict[str, float]]
    ) -> dict[str, Any]:
        """Return what was used, and how long it took."""
        renewed = prepared.brought(trained["epochs"])
        return {
            "recipe": self.recipe.name,
            "rows": {s: len(r) for s, r in prepared.splits.items()},
            **({"renewed": renewed} if renewed else {}),
            "left_out": len(prepared.problems),
            "fingerprint": prepared.fingerprint,
            **trained,
            "training_seconds": round(sum(r["seconds"] for r in history), 2),
            "seconds": round(time.perf_counter() - self.started, 2),
            "machine": machine(),
            "versions": versions(),
        }

    def _finish(self, prepared: Prepared, trained: Trained, findings: Findings) -> None:
        """Evaluate, write metrics and report."""
        splits = ("validation", "train") if self.report is None else ("test", "validation", "train")
        split = next(s for s in splits if len(prepared.splits[s]))
        folded = trained.folded
        if folded is not None and split == "train":  # which would say how well it knows what it was taught
            evaluations = Evaluations(folded.evaluations)
        else:
            evaluations = self.run.recognizer.evaluate(prepared, split)
        history, about = trained.history, self._facts(prepared, trained.about, trained.history)
        if folded is not None:
            about["folds"] = folded.to_json()
            findings = replace(findings, findings=(*findings.findings, *folded.findings()))
        if self.report is not None:
            self.report(
                Outcome(
                    self.run, self.recipe, prepared, findings, history, evaluations, about, trained.formulas
                )
            )
        # Written last: its presence says that the run is finished.
        self.run.write_json(
            METRICS,
            {
                **about,
                "formulas": trained.formulas,
                "evaluations": {n: e.to_json() for n, e in evaluations.items()},
            },
        )
        for formula in trained.formulas:
            self.progress.note(f"standardized: {formula['standardized']}\nin units: {formula['in_units']}")
        for evaluation in evaluations.values():
            self.progress.note(evaluation.line())
        self.progress.note(f"recognizer: {self.run.path / FILE}\nreport: {self.run.path / REPORT}")
