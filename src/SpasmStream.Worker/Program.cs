Console.WriteLine("spasmstream");
