"""The options of the commands, by what they concern, and how their texts become values."""
