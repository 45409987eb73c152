Console.WriteLine("spasmsim");
