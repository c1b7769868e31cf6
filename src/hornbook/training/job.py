"""A job: from a recipe and examples to a finished run, from wherever the run stands.

`hornbook.learning.train` is the way in; it finds out what is meant and writes the report.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NoReturn

import torch

from hornbook.checks.check import Findings, check_prepared
from hornbook.columns.evaluations import Evaluations
from hornbook.common.files import rename
from hornbook.common.plaintext import first_of, number_of
from hornbook.common.progress import Progress
from hornbook.errors import RecipeError, RunError
from hornbook.examples import Examples
from hornbook.examples.prepare import Prepared, prepare
from hornbook.networks.formula import formulas
from hornbook.networks.model import Network
from hornbook.recipe import Recipe
from hornbook.recipe.networks import Blend
from hornbook.recognizer import FILE, Recognizer
from hornbook.training.at_once import fit_at_once
from hornbook.training.blending import blend
from hornbook.training.blind import deal
from hornbook.training.checkpoint import cannot_save, load_checkpoint, save_checkpoint, write_in_run
from hornbook.training.environment import machine, versions
from hornbook.training.export import check_export, export
from hornbook.training.loop import Loop
from hornbook.training.memory import enough_memory
from hornbook.training.novelty import find_novelty
from hornbook.training.outcome import Outcome, Trained
from hornbook.training.precision import bfloat16_instructions
from hornbook.training.run import METRICS, RECIPE, REPORT, Run
from hornbook.training.started import Begun, begin
from hornbook.training.status import epoch_of, step_of
from hornbook.training.tensorboard import Board
from hornbook.training.threads import as_needed

FORMAT = 3
"""Of a checkpoint: raise it when what is in it changes, for an older one cannot be continued."""

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

    ``report`` is called at the end with what there is to tell, before the run counts as finished.
    """

    run: Run
    recipe: Recipe
    progress: Progress
    asked: threading.Event
    started: float
    report: Callable[[Outcome], None]
    fresh: bool = False
    board: Board | None = None
    longer: bool = False
    saved: float = 0.0
    exported: float = 0.0
    written: float = 0.0
    pending: bool = False
    begun: Begun | None = None

    def compare(self) -> None:
        """Refuse a folder that holds another recipe's run; a longer run of the same recipe goes on."""
        if self.recipe.start_from is not None and self.recipe.network.closed_form:
            raise RecipeError(
                "network.start_from is for weights that are trained on, and those of this family are found at once: "
                "leave it out"
            )
        if self.fresh or not (self.run.path / RECIPE).exists():
            return
        theirs = self.run.recipe
        # Where the data lies does not matter: its fingerprint is compared when it is read.
        place = ("data.source", "data.folder", "data.pattern")
        differences = [d for d in self.recipe.differences(theirs) if d.split(":")[0] not in place]
        alone = [d.split(":")[0] for d in differences] == ["training.epochs"]
        self.longer = alone and self.recipe.training.epochs > theirs.training.epochs
        if differences and not self.longer:
            raise RunError(
                f"{self.run.path} holds a run of a different recipe ({first_of(differences)}): go on with its own "
                f"(--recipe {self.run.path / RECIPE}), name another folder with --run, or start again with --fresh"
            )
        if not differences and self.run.whole:
            raise RunError(
                f"{self.run.path} is finished after {len(self.run.history)} epochs: use it with hornbook "
                f"predict, go on with --set training.epochs={2 * self.recipe.training.epochs}, or start again "
                "with --fresh"
            )

    def go(self, examples: Examples) -> Run:
        """Prepare, train, export, evaluate, report."""
        recipe, checkpoint = self.recipe, self._taken_up()
        prepared = prepare(examples, recipe.inputs, recipe.targets, recipe.split, self._reading)
        if checkpoint is not None and checkpoint["fingerprint"] != prepared.fingerprint:
            raise RunError(
                f"{self.run.path} was trained on other data, or by a version of hornbook that reads it otherwise "
                f"({checkpoint['rows']:,} rows, fingerprint {checkpoint['fingerprint'][:8]}; now "
                f"{len(prepared.examples):,} rows, {prepared.fingerprint[:8]}): name another folder with --run, or "
                "start again with --fresh"
            )
        findings = check_prepared(prepared, recipe.network.folds)
        self.progress.note(findings.text())
        for remark in dict.fromkeys(r for c in prepared.inputs.values() for r in c.remarks()):
            self.progress.note(remark)
        if recipe.network.closed_form:
            self._finish(prepared, self._at_once(prepared), findings)
            return self.run
        with torch.random.fork_rng(devices=[]), closing(prepared), enough_memory(recipe):
            begun = begin(
                recipe, prepared, fresh=checkpoint is None, progress=self.progress, reading=self._reading
            )
        self.begun, training = begun, begun.training
        dealt, blind = deal(prepared, recipe, examples)
        before, few = checkpoint and checkpoint["loop"], as_needed(begun.network, dealt, training)
        with torch.random.fork_rng(devices=[]), closing(prepared), few:
            with enough_memory(recipe):
                loop = Loop(begun.network, dealt, training, before, kept=begun.kept, blind=blind)
            self._begin()
            if begun.kept is not None:  # its epochs take no time, and an export does
                self.exported = time.monotonic()
            best = checkpoint["best"] if checkpoint else None
            self.pending = best is not None  # it may have been saved and not exported
            if self.longer:  # patience begins anew: to go on is what was asked for
                loop.state.finished, loop.state.improved_epoch = False, loop.state.epoch
            loop.state.finished = loop.state.epoch >= training.epochs or (
                loop.state.finished and bool(training.early_stopping)
            )
            self._say_start(loop, checkpoint)
            if checkpoint is None or self.longer:
                self._save(loop, best)
            with enough_memory(recipe):
                best = self._epochs(loop, best)
            if not loop.state.finished:
                self._stop(loop, findings)
            assert best is not None, "a finished run has a best epoch"
            trained = self._trained(loop, best)
        self._finish(prepared, trained, findings)
        return self.run

    def _taken_up(self) -> dict[str, Any] | None:
        """Return the checkpoint that the run goes on from, if any."""
        checkpoint = None if self.fresh else load_checkpoint(self.run.path)
        if checkpoint is not None and checkpoint.get("format") != FORMAT:
            raise RunError(
                f"{self.run.path} was trained by another version of hornbook: start again with --fresh"
            )
        if (
            checkpoint is None
            and not self.fresh
            and not self.recipe.network.closed_form
            and (self.run.path / FILE).exists()
        ):
            raise RunError(
                f"{self.run.path} was trained, and its checkpoint, from which it would go on, is gone: name another "
                "folder with --run, or start again with --fresh"
            )
        return checkpoint

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
        if self.asked.is_set():
            self.progress.close()
            raise Interrupted("stopped while reading the examples; give the same command again to go on")

    def _say_start(self, loop: Loop, checkpoint: dict[str, Any] | None) -> None:
        state, training = loop.state, loop.training
        network = f"{loop.network.parameters_count():,} parameters, {state.precision} on {loop.device.type}"
        if checkpoint is None:
            self.progress.note(
                f"training {self.recipe.name} in {self.run.path}: {number_of(training.epochs, 'epoch')}, {network}"
            )
        else:
            self.progress.note(
                f"going on with {self.run.path} after epoch {state.epoch} of {training.epochs}"
                f"{f', step {state.step} of {loop.steps}' if state.step else ''}: {network}"
            )

    def _epochs(self, loop: Loop, best: dict[str, Any] | None) -> dict[str, Any] | None:
        """Run the epochs that are left, or until asked to stop, and return the weights of the best one."""

        def after_step(loop: Loop) -> bool:
            self.progress.step(step_of(loop))
            now = time.monotonic()
            if self.asked.is_set() or now - self.saved > SAVE_EVERY:
                self._save(loop, best)
            return not self.asked.is_set()

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
        if self.asked.is_set() and not loop.state.finished:
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
        novelty = (
            find_novelty(network, prepared, training.seed, loop.kept) if last and training.novelty else None
        )
        about = self._about(prepared, loop.state.best_epoch)
        raw = export(network, prepared.inputs, prepared.targets, about, novelty)
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
        }

    def _at_once(self, prepared: Prepared) -> Trained:
        """Fit what takes no epochs, and write its recognizer."""
        self._begin()
        found = fit_at_once(prepared, self.recipe)
        self.progress.note(f"training {self.recipe.name} in {self.run.path}: {found.told}")
        raw = export(found.model, prepared.inputs, prepared.targets, self._about(prepared, 1))
        self._keep(prepared, raw, found.check)
        self.run.write_history(found.history)
        return Trained(found.history, [], {**found.about, "best_epoch": 1, "epochs": 1})

    def _trained(self, loop: Loop, best: dict[str, Any]) -> Trained:
        """Write the recognizer of the best epoch, and say what was trained."""
        if isinstance(self.recipe.network, Blend):
            network, more = self._blend(loop, best)
        else:
            network, more = self._export(loop, best, last=True), dict[str, Any]()
        found = [f.to_json() for f in formulas(network)]
        about = {
            **more,
            "parameters": network.parameters_count(),
            "best_epoch": loop.state.best_epoch,
            "epochs": loop.state.epoch,
            "precision": loop.state.precision,
            "bfloat16_instructions": bfloat16_instructions(loop.device) or "none",
            "device": loop.device.type,
            "threads": torch.get_num_threads(),
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
        split = next(s for s in ("test", "validation", "train") if len(prepared.splits[s]))
        folded = trained.folded
        if folded is not None and split == "train":  # which would say how well it knows what it was taught
            evaluations = Evaluations(folded.evaluations)
        else:
            evaluations = self.run.recognizer.evaluate(prepared, split)
        history, about = trained.history, self._facts(prepared, trained.about, trained.history)
        if folded is not None:
            about["folds"] = folded.to_json()
            findings = replace(findings, findings=(*findings.findings, *folded.findings()))
        self.report(
            Outcome(self.run, self.recipe, prepared, findings, history, evaluations, about, trained.formulas)
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
