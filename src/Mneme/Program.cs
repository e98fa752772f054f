Console.WriteLine("mneme");
