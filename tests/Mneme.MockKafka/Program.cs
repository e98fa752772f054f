using System.Globalization;
using Mneme.MockKafka;

// Three brokers in a process of their own. Prints their addresses, then obeys one line after the other until its input ends: with whoever started it.
using var cluster = new MockCluster();
Console.WriteLine(cluster.Servers);
while (await Console.In.ReadLineAsync() is { } line)
    Console.WriteLine(Obey(line.Split(' ')));

string Obey(string[] command)
{
    try
    {
        switch (command)
        {
            case ["topic", var name, var partitions]:
                cluster.CreateTopic(name, int.Parse(partitions, CultureInfo.InvariantCulture));
                break;
            case ["down"]:
                cluster.TakeDown();
                break;
            case ["up"]:
                cluster.BringUp();
                break;
            default:
                return $"there is no command '{string.Join(' ', command)}'";
        }

        return MockKafkaProcess.Done;
    }
    catch (InvalidOperationException e)
    {
        return e.Message;
    }
}
