// Has a variable by the name of the function.
// score: 0
// says: redefinition of 'walk'
int walk = 20;
