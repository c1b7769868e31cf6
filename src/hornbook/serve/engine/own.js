"use strict";
// The graph computed by the engine of operators.js.

const openModel = (bytes) => readModel(bytes), compute = (model, given) => run(model, given);
