using System.Text;
using SpasmStream.Worker.Influx;

namespace SpasmStream.Tests.Influx;

/// <summary>Words as tags and as texts, character by character.</summary>
public sealed class LineTextTests
{
    const int TagMost = 256, TextMost = 8 * 1024;

    [Theory]
    [InlineData("Watch-1_a.b:c/d", "Watch-1_a.b:c/d")]
    [InlineData("a b", @"a\ b")]
    [InlineData("a,b=c", @"a\,b\=c")]
    [InlineData(@"a\", "a%5C")]
    [InlineData("100%", "100%25")]
    [InlineData("%5C", "%255C")]
    [InlineData("\n", "%0A")]
    [InlineData("\r\n\t", "%0D%0A%09")]
    [InlineData("a\0", "a%00")]
    [InlineData("\u007f\u0085", "%7F%85")]
    [InlineData("\"x\"", "\"x\"")]
    [InlineData("ü 日本 \ud83d\ude00", "ü\\ 日本\\ \ud83d\ude00")]
    public void B20_A_tag_ends_where_its_word_does(string word, string tag) => Assert.Equal(tag, Tag(word));

    [Theory]
    [InlineData("watch")]
    [InlineData("ü")]
    [InlineData(@"a\b")]
    [InlineData("100%")]
    [InlineData("%5C")]
    [InlineData("one\ntwo\0")]
    public void B20_What_was_written_for_a_character_is_read_as_that_character(string word) =>
        Assert.Equal(word, LineText.Read(Tag(word)));

    [Theory]
    [InlineData('x')]
    [InlineData('ü')]
    public void B17_A_word_longer_than_a_tag_is_shortened_and_stays_itself(char letter)
    {
        var most = new string(letter, TagMost);
        var (one, other) = (Tag(most + "1"), Tag(most + "2"));

        Assert.Equal(most, Tag(most));
        Assert.Equal((TagMost, TagMost), (one.Length, other.Length));
        Assert.NotEqual(one, other);
        Assert.Equal(Tag(most + "1"), one);
        Assert.Equal(new string(letter, TagMost - 33) + "~", one[..(TagMost - 32)]);
        Assert.All(one[(TagMost - 32)..], c => Assert.True(char.IsAsciiHexDigitLower(c)));
    }

    [Fact]
    public void B20_What_is_left_of_a_long_word_is_escaped_like_any_other() =>
        Assert.StartsWith(@"\,%0A\ ", Tag(",\n " + new string('x', TagMost)), StringComparison.Ordinal);

    [Theory]
    [InlineData("", "\"\"")]
    [InlineData("a, b=c", "\"a, b=c\"")]
    [InlineData("say \"no\"", "\"say \\\"no\\\"\"")]
    [InlineData(@"a\", @"""a\\""")]
    [InlineData("one\ntwo\r\t\0", "\"one two   \"")]
    [InlineData("100% ü", "\"100% ü\"")]
    public void B20_A_text_stands_in_quotes_on_one_line(string text, string written) =>
        Assert.Equal(written, Text(text));

    [Fact]
    public void B17_A_text_is_cut_where_it_is_too_long()
    {
        var most = new string('x', TextMost);

        Assert.Equal($"\"{most}\"", Text(most));
        Assert.Equal($"\"{most}\"", Text(most + "y"));
    }

    static string Tag(string word) => Written(line => LineText.AppendTag(line, word));

    static string Text(string text) => Written(line => LineText.AppendText(line, text));

    static string Written(Action<StringBuilder> write)
    {
        var line = new StringBuilder();
        write(line);
        return line.ToString();
    }
}
