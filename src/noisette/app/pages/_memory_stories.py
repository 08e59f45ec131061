"""Stories of the page about working memory."""

from typing import Any

from noisette.app.answers import Story


def stories(view: type[Any]) -> tuple[Story, ...]:
    """Return the stories, whose views are of the given class."""
    return (
        Story(
            "Noise in training, memory in noise",
            "Networks that are trained with noise remember longer in noise that they have not seen. After 1250 ms, "
            "50 networks trained with ten noise channels are right in .76 of the trials, and 33 without in .63, if the "
            "sign of the mean output counts. If the output has to reach a threshold at least once, it is .72 and .68.",
            view(network="stored:10", delay=1250.0, input_noise=1.0, vary="delay"),
            "Choose stored:0 and compare both scores for several seeds: these two networks differ less than the means.",
        ),
        Story(
            "Slow inhibitory units",
            "Time constants are trained, too. With noise in training, inhibitory units stay slow: their mean is 88 ms "
            "in this network, and 59 ms in the one without noise. Excitatory units have about 40 ms in both.",
            view(network="stored:10", channels="trained"),
            "Choose stored:0 and compare the histograms.",
        ),
        Story(
            "Time constants set by hand",
            "Slow units alone make no memory. With all τ = 125 ms, the output of the network trained without noise "
            "reaches the threshold in fewer trials, although its sign is still right. With all τ = 20 ms it guesses.",
            view(network="stored:0", channels="trained", tau_of="all", tau=125.0),
            "Lower τ to 20 ms, then choose only the inhibitory units.",
        ),
        Story(
            "A pulse that reverses a memory",
            "In the middle of the delay, noise of 50 ms moves the state along the line between the memories of the two "
            "stimuli. Here the second stimulus equals the first, but the network answers that they differ. Without "
            "the pulse the same trial is answered correctly.",
            view(network="stored:10", channels="trained", delay=500.0, pulse=1.0, seed=0),
            "Press Pulse for new samples: most pulses of this strength leave the answer as it is.",
        ),
        Story(
            "Your own network",
            "Upload a network that was trained with Noisette (.npz) or with a program of the spikeRNN family (.mat). "
            "The task is that of its training if the file states it, and else follows from the number of inputs. All "
            "panels are computed for it.",
            view(network="stored:10", order="selectivity", input_noise=0.5),
            "Upload a .mat file of a go/no-go network: it has one input, and the task becomes go/no-go.",
        ),
    )
