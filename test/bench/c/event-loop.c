/*
 * The yardstick of simulator.ts: the same network, step by step, in a plain loop of C without cores, messages, counts or
 * times. All neurons are updated, those that fire are listed, and their synapses added to the sums of the next step.
 *
 *   event-loop FILE
 *
 * FILE: 32-bit words in the machine's order, see `writeNetwork` in simulator-c.ts. Every line of the standard input runs
 * the network from its first state: 'a' with 8-bit weights and 16-bit targets side by side, 'b' with both in one 32-bit
 * word. It is answered by a line of numbers: CPU time in ns, synaptic events, and for each neuron how often it fired.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { V_MAX = 8388607, INPUT_SHIFT = 6 };

static uint32_t neurons, lines, steps, synapses, host_events;
static int32_t bias, threshold, v_min;

/* [neurons + lines + 1]: synapses of a neuron, then of an input line. */
static uint32_t *row_start;
static uint16_t *target;
static int8_t *weight;
/* Target in the low half, weight in the high half. */
static uint32_t *packed;
/* [steps + 1]: lines that spike in a step. */
static uint32_t *host_start, *host_line;

static int32_t *v0, *v, *sum;
static uint8_t *fires;
static uint32_t *fired, *spikes;

static void *room(size_t bytes)
{
    /* Whole vectors may be read past the end. */
    void *p = aligned_alloc(64, (bytes + 127) / 64 * 64);
    if (!p) {
        fputs("event-loop: no memory\n", stderr);
        exit(2);
    }
    memset(p, 0, (bytes + 127) / 64 * 64);
    return p;
}

static void words(FILE *file, void *to, size_t count)
{
    if (fread(to, 4, count, file) != count) {
        fputs("event-loop: the file is too short\n", stderr);
        exit(2);
    }
}

static void load(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint32_t head[8];
    if (!file) {
        perror(path);
        exit(2);
    }
    words(file, head, 8);
    neurons = head[0];
    lines = head[1];
    steps = head[2];
    synapses = head[3];
    host_events = head[4];
    bias = (int32_t)head[5];
    threshold = (int32_t)head[6];
    v_min = (int32_t)head[7];
    row_start = room(4 * ((size_t)neurons + lines + 1));
    packed = room(4 * (size_t)synapses);
    host_start = room(4 * ((size_t)steps + 1));
    host_line = room(4 * (size_t)host_events);
    v0 = room(4 * (size_t)neurons);
    words(file, row_start, (size_t)neurons + lines + 1);
    words(file, packed, synapses);
    words(file, host_start, (size_t)steps + 1);
    words(file, host_line, host_events);
    words(file, v0, neurons);
    fclose(file);

    target = room(2 * (size_t)synapses);
    weight = room(synapses);
    for (size_t i = 0; i < synapses; i++) {
        target[i] = (uint16_t)packed[i];
        weight[i] = (int8_t)((int32_t)packed[i] >> 16);
    }
    v = room(4 * (size_t)neurons);
    sum = room(4 * (size_t)neurons);
    fires = room(neurons);
    fired = room(4 * (size_t)neurons);
    spikes = room(4 * (size_t)neurons);
}

/* Integer integrate and fire: no leak, and a current that lasts for one step. Returns how many fired. */
static uint32_t update(void)
{
    int32_t *restrict vs = v, *restrict sums = sum;
    uint8_t *restrict flags = fires;
    const int32_t b = bias, top = threshold, bottom = v_min;
    for (uint32_t n = 0; n < neurons; n++) {
        int32_t x = vs[n] + (int32_t)((uint32_t)sums[n] << INPUT_SHIFT) + b;
        x = x < bottom ? bottom : x;
        x = x > V_MAX ? V_MAX : x;
        vs[n] = x > top ? 0 : x;
        flags[n] = x > top;
        sums[n] = 0;
    }
    uint32_t count = 0;
    for (uint32_t n = 0; n < neurons; n += 8) {
        uint64_t bits;
        memcpy(&bits, flags + n, 8);
        for (; bits; bits &= bits - 1) {
            const uint32_t at = n + (uint32_t)(__builtin_ctzll(bits) >> 3);
            spikes[at]++;
            fired[count++] = at;
        }
    }
    return count;
}

static uint32_t deliver_pairs(uint32_t row)
{
    const uint32_t begin = row_start[row], end = row_start[row + 1];
    const uint16_t *restrict to = target;
    const int8_t *restrict by = weight;
    int32_t *restrict sums = sum;
    for (uint32_t i = begin; i < end; i++)
        sums[to[i]] += by[i];
    return end - begin;
}

static uint32_t deliver_words(uint32_t row)
{
    const uint32_t begin = row_start[row], end = row_start[row + 1];
    const uint32_t *restrict list = packed;
    int32_t *restrict sums = sum;
    for (uint32_t i = begin; i < end; i++) {
        const uint32_t word = list[i];
        sums[word & 0xffff] += (int32_t)word >> 16;
    }
    return end - begin;
}

static inline uint64_t run(uint32_t (*deliver)(uint32_t))
{
    uint64_t events = 0;
    memcpy(v, v0, 4 * (size_t)neurons);
    memset(sum, 0, 4 * (size_t)neurons);
    memset(spikes, 0, 4 * (size_t)neurons);
    for (uint32_t step = 0; step < steps; step++) {
        const uint32_t count = update();
        for (uint32_t f = 0; f < count; f++)
            events += deliver(fired[f]);
        for (uint32_t h = host_start[step]; h < host_start[step + 1]; h++)
            events += deliver(neurons + host_line[h]);
    }
    return events;
}

static double cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
    char layout[8];
    if (argc != 2) {
        fputs("usage: event-loop FILE\n", stderr);
        return 2;
    }
    load(argv[1]);
    while (fgets(layout, sizeof layout, stdin)) {
        const double from = cpu_ns();
        const uint64_t events = layout[0] == 'a' ? run(deliver_pairs) : run(deliver_words);
        printf("%.0f %llu", cpu_ns() - from, (unsigned long long)events);
        for (uint32_t n = 0; n < neurons; n++)
            printf(" %u", spikes[n]);
        putchar('\n');
        fflush(stdout);
    }
    return 0;
}
