// Every benchmark, one after the other. To add one: a file beside this one, and a line here.
import "./kernels.ts";
import "./simulate.ts";
