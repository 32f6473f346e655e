"""neat_xor.py FOLDER: XOR by neat-python with the configuration of its own XOR example, but for 60 generations whether it is solved or not.
The seconds that it tells are those of a thousand networks judged."""

import random
import tempfile
import time

import neat
from common import serve

GENERATIONS = 60
CONFIGURATION = """
[NEAT]
fitness_criterion = max
fitness_threshold = 3.9
no_fitness_termination = True
pop_size = 150
reset_on_extinction = True

[DefaultGenome]
activation_default = sigmoid
activation_mutate_rate = 0.0
activation_options = sigmoid
aggregation_default = sum
aggregation_mutate_rate = 0.0
aggregation_options = sum
bias_init_mean = 0.0
bias_init_stdev = 1.0
bias_max_value = 30.0
bias_min_value = -30.0
bias_mutate_power = 0.5
bias_mutate_rate = 0.7
bias_replace_rate = 0.1
compatibility_disjoint_coefficient = 1.0
compatibility_weight_coefficient = 0.5
conn_add_prob = 0.5
conn_delete_prob = 0.5
enabled_default = True
enabled_mutate_rate = 0.01
feed_forward = True
initial_connection = full_direct
node_add_prob = 0.2
node_delete_prob = 0.2
num_hidden = 0
num_inputs = 2
num_outputs = 1
response_init_mean = 1.0
response_init_stdev = 0.0
response_max_value = 30.0
response_min_value = -30.0
response_mutate_power = 0.0
response_mutate_rate = 0.0
response_replace_rate = 0.0
weight_init_mean = 0.0
weight_init_stdev = 1.0
weight_max_value = 30
weight_min_value = -30
weight_mutate_power = 0.5
weight_mutate_rate = 0.8
weight_replace_rate = 0.1

[DefaultSpeciesSet]
compatibility_threshold = 3.0

[DefaultStagnation]
species_fitness_func = max
max_stagnation = 20
species_elitism = 2

[DefaultReproduction]
elitism = 2
survival_threshold = 0.2
"""


def train(_workload, x, y, seed):
    samples = [(tuple(map(float, inputs)), float(target[0])) for inputs, target in zip(x, y)]
    with tempfile.NamedTemporaryFile("w", suffix=".cfg") as file:
        file.write(CONFIGURATION)
        file.flush()
        config = neat.Config(neat.DefaultGenome, neat.DefaultReproduction, neat.DefaultSpeciesSet, neat.DefaultStagnation, file.name)
    judged = 0

    def judge(genomes, config):
        nonlocal judged
        for _, genome in genomes:
            network = neat.nn.FeedForwardNetwork.create(genome, config)
            genome.fitness = 4.0 - sum((network.activate(inputs)[0] - target) ** 2 for inputs, target in samples)
        judged += len(genomes)

    random.seed(seed)
    population = neat.Population(config)
    began = time.perf_counter()
    best = population.run(judge, GENERATIONS)
    seconds = time.perf_counter() - began
    network = neat.nn.FeedForwardNetwork.create(best, config)
    wrong = sum((network.activate(inputs)[0] > 0.5) != (target > 0.5) for inputs, target in samples)
    return 1000 * seconds / judged, wrong / len(samples)


serve(train)
